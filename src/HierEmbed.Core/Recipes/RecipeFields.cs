using System.Globalization;
using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Core.Recipes;

/// <summary>The fields of a recipe that users may set, with their ranges: one table for <c>training.json</c>, <c>--set</c> and the docs.</summary>
public static class RecipeFields
{
    /// <summary>Every field by its name in JSON.</summary>
    public static IReadOnlyList<RecipeField> All { get; } =
    [
        Integer("latentDims", 2, 65_536, (r, v) => r with { LatentDims = v }),
        Word("activation", (Recipe r, CodeActivation v) => r with { Activation = v }),
        Word("initialization", (Recipe r, Initialization v) => r with { Initialization = v }),
        Boolean("l2Normalize", (r, v) => r with { L2Normalize = v }),
        Word("scaling", (Recipe r, ScalingMode v) => r with { Scaling = v }),
        Integers("trainKs", 1, 4_096, 1, (r, v) => r with { TrainKs = v }),
        Number("kWeightPower", 0, 4, (r, v) => r with { KWeightPower = v }),
        Integers("prefixDivisors", 2, 1_024, 0, (r, v) => r with { PrefixDivisors = v }),
        Boolean("allPrefixes", (r, v) => r with { AllPrefixes = v }),
        Number("prefixWeight", 0, 100, (r, v) => r with { PrefixWeight = v }),
        Number("activityPenalty", 0, 1, (r, v) => r with { ActivityPenalty = v }),
        Boolean("scaleWithInputDims", (r, v) => r with { ScaleWithInputDims = v }),
        Integer("epochs", 1, 10_000, (r, v) => r with { Epochs = v }),
        Integer("batchRows", 1, 65_536, (r, v) => r with { BatchRows = v }),
        Number("learningRate", 1e-7, 1, (r, v) => r with { LearningRate = v }),
        Number("beta1", 0, 0.9999, (r, v) => r with { Beta1 = v }),
        Number("beta2", 0, 0.999999, (r, v) => r with { Beta2 = v }),
        Number("epsilon", 1e-12, 1e-2, (r, v) => r with { Epsilon = v }),
        Number("warmupFraction", 0, 0.5, (r, v) => r with { WarmupFraction = v }),
        Number("decayFraction", 0, 0.5, (r, v) => r with { DecayFraction = v }),
        Integer("patience", 0, 10_000, (r, v) => r with { Patience = v }),
        Boolean("resampleDead", (r, v) => r with { ResampleDead = v }),
        Number("validationFraction", 0.01, 0.5, (r, v) => r with { ValidationFraction = v }),
        Number("testFraction", 0, 0.45, (r, v) => r with { TestFraction = v }),
        Word("encoderPrecision", (Recipe r, EncoderPrecision v) => r with { EncoderPrecision = v }),
    ];

    /// <summary>Finds a field.</summary>
    /// <returns>The field, or null where no recipe has one of that name.</returns>
    public static RecipeField? Find(string name) => All.FirstOrDefault(field => field.Name == name);

    /// <summary>Applies one <c>key=value</c> of the command line: a list is written 8,32,128.</summary>
    /// <exception cref="RecipeException">The field is unknown or its value out of range.</exception>
    public static Recipe Set(Recipe recipe, string assignment)
    {
        (string name, JsonElement value) = ParseAssignment(assignment);
        return (Find(name) ?? throw Unknown(name, "a recipe", [])).Apply(recipe, value);
    }

    /// <summary>Reads one <c>key=value</c> of the command line as a field of <c>training.json</c>; whether the value fits is not judged.</summary>
    /// <exception cref="RecipeException">It is no assignment, or the field is unknown.</exception>
    public static (string Name, JsonElement Value) ParseAssignment(string assignment)
    {
        int at = assignment.IndexOf('=', StringComparison.Ordinal);
        if (at < 1)
            throw new RecipeException(ProblemTypes.InvalidRecipe, $"--set {Shorten(assignment)}: expected key=value, such as --set epochs=20.");
        string name = assignment[..at];
        if (TrainingRequest.OwnFields.Contains(name))
            return (name, ParseLoose(assignment[(at + 1)..], isList: false));
        RecipeField field = Find(name) ?? throw Unknown(name, "--set", TrainingRequest.OwnFields);
        return (field.Name, ParseLoose(assignment[(at + 1)..], field.IsList));
    }

    /// <summary>The error for a field that does not exist, with the nearest that does.</summary>
    /// <param name="name">What was found.</param>
    /// <param name="where">Where it was found.</param>
    /// <param name="others">Names that are allowed there beside the recipe's fields.</param>
    internal static RecipeException Unknown(string name, string where, IEnumerable<string> others)
    {
        string nearest = All.Select(f => f.Name).Concat(others).MinBy(known => EditDistance(known, name))!;
        string hint = EditDistance(nearest, name) <= 3 ? $"did you mean \"{nearest}\"?" : "the README lists the fields under Recipes.";
        return new RecipeException(ProblemTypes.InvalidRecipe, $"{where} has the unknown field \"{Shorten(name)}\"; {hint}");
    }

    /// <summary>At most 60 characters of what a user wrote, for an error message.</summary>
    internal static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";

    private static JsonElement ParseLoose(string text, bool isList)
    {
        string json = isList && !text.StartsWith('[') ? $"[{text}]" : text;
        try
        {
            return JsonDocument.Parse(json).RootElement.Clone();
        }
        catch (JsonException)
        {
            // A bare word, such as scaling=global.
            return JsonDocument.Parse(JsonSerializer.Serialize(text)).RootElement.Clone();
        }
    }

    private static RecipeField Integer(string name, int min, int max, Func<Recipe, int, Recipe> set) =>
        new(name, $"whole number from {min} to {max}", false, (recipe, value) =>
            value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int v) && v >= min && v <= max ? set(recipe, v) : null);

    private static RecipeField Number(string name, double min, double max, Func<Recipe, double, Recipe> set) =>
        new(name, string.Create(CultureInfo.InvariantCulture, $"number from {min} to {max}"), false, (recipe, value) =>
            value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double v) && v >= min && v <= max ? set(recipe, v) : null);

    private static RecipeField Boolean(string name, Func<Recipe, bool, Recipe> set) =>
        new(name, "true or false", false, (recipe, value) =>
            value.ValueKind is JsonValueKind.True or JsonValueKind.False ? set(recipe, value.GetBoolean()) : null);

    private static RecipeField Word<T>(string name, Func<Recipe, T, Recipe> set) where T : struct, Enum
    {
        string[] words = [.. Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName)];
        return new(name, string.Join(" or ", words), false, (recipe, value) =>
            value.ValueKind == JsonValueKind.String && Array.IndexOf(words, value.GetString()) is >= 0 and int at
                ? set(recipe, Enum.GetValues<T>()[at]) : null);
    }

    private static RecipeField Integers(string name, int min, int max, int minCount, Func<Recipe, int[], Recipe> set) =>
        new(name, $"ascending list of at least {minCount} whole numbers from {min} to {max}", true, (recipe, value) =>
        {
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() < minCount || value.GetArrayLength() > 16)
                return null;
            var numbers = new List<int>();
            foreach (JsonElement item in value.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int v) || v < min || v > max)
                    return null;
                numbers.Add(v);
            }
            return set(recipe, [.. numbers.Distinct().Order()]);
        });

    private static int EditDistance(string a, string b)
    {
        if (a.Length > 64 || b.Length > 64)
            return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }
}
