using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Models;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>Everything needed to train the same model again.</summary>
internal static class RecipeSection
{
    public static void Write(HtmlWriter page, ReportInput input)
    {
        ModelManifest manifest = input.Manifest;
        page.BeginSection("recipe", "The exact recipe");
        page.Element("p", "The same files, recipe and seed give the same model.");
        page.Markup("<div class=\"wrap\">\n");
        new ReportTable("Recipe, every field", new("field", IsNumber: false), new("value", IsNumber: false))
        {
            Rows = Fields(JsonSerializer.SerializeToElement(manifest.Recipe, Json.Compact)),
        }.WriteTo(page);
        new ReportTable("Identity, seeds and versions", new("what", IsNumber: false), new("value", IsNumber: false))
        {
            Rows =
            [
                ["model", manifest.ModelId],
                ["run", manifest.RunId],
                ["content, SHA-256", manifest.ContentHash],
                ["seed of the training", Whole(manifest.Seed)],
                .. input.Evaluation is { } evaluation ? (string[][])[["seed of the evaluation", Whole(evaluation.Seed)]] : [],
                .. manifest.Versions.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (string[])[pair.Key, pair.Value]),
            ],
        }.WriteTo(page);
        page.Markup("</div>\n").EndSection();
    }

    /// <summary>Names and values as <c>training.json</c> has them; the recipe's own fields after what was fixed for the data.</summary>
    private static IEnumerable<IReadOnlyList<string>> Fields(JsonElement recipe) =>
        recipe.EnumerateObject().OrderBy(field => field.Value.ValueKind == JsonValueKind.Object)
            .SelectMany(field => field.Value.ValueKind == JsonValueKind.Object
                ? field.Value.EnumerateObject().Select(inner => (string[])[$"{field.Name}.{inner.Name}", Value(inner.Value)])
                : [[field.Name, Value(field.Value)]]);

    private static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "none" : string.Join(", ", value.EnumerateArray().Select(item => item.GetRawText())),
        _ => value.GetRawText(),
    };

    private static string Whole(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
