using System.Globalization;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>Which model this is, and what it was trained on.</summary>
internal static class TitleSection
{
    public static void Write(HtmlWriter page, ReportInput input)
    {
        ModelManifest manifest = input.Manifest;
        RowCounts rows = manifest.Rows;
        ResolvedRecipe recipe = manifest.Recipe;
        page.Markup("<header>\n")
            .Element("h1", $"{manifest.Dataset}: what its codes are worth")
            .Markup("<dl class=\"facts\">\n");
        Fact(page, "Version", manifest.Version);
        Fact(page, "Made", $"{manifest.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC");
        Fact(page, "Embeddings", $"{Shown.Count(recipe.InputDims)} dims, {Shown.Bytes(FullBytes(recipe))} as float32");
        page.Markup("<dt>Parent model</dt><dd>");
        if (manifest.ParentModel is { } parent)
            page.UserText(parent);
        else
            page.Markup("not known");
        if (manifest.InputType is { } type)
            page.Markup(", input type ").UserText(type);
        page.Markup("</dd>\n");
        Fact(page, "Rows", $"{Shown.Count(rows.Total)}: {Shown.Count(rows.Train)} to train, {Shown.Count(rows.Validation)} to validate, {Shown.Count(rows.Test)} to test; {Shown.Count(rows.Rejected)} rejected");
        Fact(page, "Recipe", $"{recipe.Recipe.Name}, {Shown.Count(recipe.LatentDims)} latents");
        page.Markup("</dl>\n</header>\n");
    }

    private static long FullBytes(ResolvedRecipe recipe) => sizeof(float) * (long)recipe.InputDims;

    private static void Fact(HtmlWriter page, string name, string value) =>
        page.Markup($"<dt>{name}</dt>").Element("dd", value);
}
