using System.Text.Json;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Recipes;

/// <summary>What <c>training.json</c> asks for: the recipe, the seed, and what the program cannot read from the files.</summary>
public sealed record TrainingRequest
{
    /// <summary>Fields of training.json beside the recipe's.</summary>
    internal static IReadOnlyList<string> OwnFields { get; } = ["recipe", "seed", "retrain", "maxRejectedFraction", "onBadFile", "parentModel", "inputType"];

    /// <summary>People write this file: comments and trailing commas are read.</summary>
    public static JsonDocumentOptions Syntax => new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The recipe, overrides applied.</summary>
    public Recipe Recipe { get; init; } = RecipePresets.Get(RecipePresets.Default);

    /// <summary>Seed of every random choice.</summary>
    public long Seed { get; init; }

    /// <summary>Whether new files train a new model, or are coded with the current one.</summary>
    public Retrain Retrain { get; init; } = Retrain.Always;

    /// <summary>Share of rows that may be rejected before a file is refused. Null: the program's setting.</summary>
    public double? MaxRejectedFraction { get; init; }

    /// <summary>What becomes of a dataset where one of its files cannot be used.</summary>
    public OnBadFile OnBadFile { get; init; } = OnBadFile.Fail;

    /// <summary>The model that made the embeddings, such as embed-english-v3.0. Null: what the files say, if they do.</summary>
    public string? ParentModel { get; init; }

    /// <summary>The input type that the embeddings were made with, such as search_document.</summary>
    public string? InputType { get; init; }

    /// <summary>Reads <c>training.json</c>.</summary>
    /// <param name="utf8Json">The file's bytes.</param>
    /// <exception cref="RecipeException">Not JSON, an unknown field, or a value out of range.</exception>
    public static TrainingRequest Parse(ReadOnlyMemory<byte> utf8Json)
    {
        JsonElement root;
        try
        {
            // Editors on Windows begin a file with a byte order mark, which is no JSON.
            using JsonDocument document = JsonDocument.Parse(utf8Json.Span.StartsWith("\uFEFF"u8) ? utf8Json[3..] : utf8Json, Syntax);
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new RecipeException(ProblemTypes.InvalidRecipe,
                $"training.json is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine}). Write an object such as {{\"recipe\": \"matryoshka\"}}.", e);
        }
        if (root.ValueKind != JsonValueKind.Object)
            throw new RecipeException(ProblemTypes.InvalidRecipe, $"training.json holds {root.ValueKind}; expected an object such as {{\"recipe\": \"matryoshka\"}}.");
        try
        {
            return FromObject(root);
        }
        catch (InvalidOperationException e)
        {
            // What JsonElement throws for a text that is not UTF-8 or holds half a surrogate pair.
            throw new RecipeException(ProblemTypes.InvalidRecipe, "training.json holds a text that is not valid Unicode. Save it as UTF-8.", e);
        }
    }

    private static TrainingRequest FromObject(JsonElement root)
    {
        var request = new TrainingRequest();
        // The preset comes first: the other fields override it wherever they stand.
        if (root.TryGetProperty("recipe", out JsonElement name))
            request = request with { Recipe = RecipePresets.Get(Text("recipe", name)) };
        foreach (JsonProperty property in root.EnumerateObject())
        {
            JsonElement value = property.Value;
            request = property.Name switch
            {
                "recipe" => request,
                "seed" => request with { Seed = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long seed) && seed >= 0 ? seed : throw Bad("seed", value, "a whole number from 0") },
                "retrain" => request with { Retrain = Text("retrain", value) switch { "always" => Retrain.Always, "never" => Retrain.Never, _ => throw Bad("retrain", value, "always or never") } },
                "maxRejectedFraction" => request with { MaxRejectedFraction = value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double share) && share is >= 0 and <= 1 ? share : throw Bad("maxRejectedFraction", value, "a number from 0 to 1") },
                "onBadFile" => request with { OnBadFile = Text("onBadFile", value) switch { "fail" => OnBadFile.Fail, "skip" => OnBadFile.Skip, _ => throw Bad("onBadFile", value, "fail or skip") } },
                "parentModel" => request with { ParentModel = Text("parentModel", value) },
                "inputType" => request with { InputType = Text("inputType", value) },
                _ => request with { Recipe = (RecipeFields.Find(property.Name) ?? throw RecipeFields.Unknown(property.Name, "training.json", OwnFields)).Apply(request.Recipe, value) },
            };
        }
        return request;
    }

    private static string Text(string field, JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 200 } text ? text : throw Bad(field, value, "a text of 1 to 200 characters");

    private static RecipeException Bad(string field, JsonElement value, string expected) =>
        new(ProblemTypes.InvalidRecipe, $"training.json: {field} is {RecipeFields.Shorten(value.GetRawText())}; expected {expected}.");
}
