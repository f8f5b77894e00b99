using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Reports.Sections;

namespace HierEmbed.Pipeline.Reports;

/// <summary>The report of a model: one HTML page that needs nothing else, no script, no font, no other file.</summary>
public static class ReportPage
{
    /// <summary>Renders the page. The same input gives the same bytes.</summary>
    /// <param name="manifest">The model's manifest; its files and metrics are not looked at.</param>
    /// <param name="metrics">Everything measured, as <c>metrics.json</c> holds it: parts that are not there are left out, or said to be missing.</param>
    /// <returns>HTML that is well-formed XML too.</returns>
    public static string Render(ModelManifest manifest, ModelMetrics metrics)
    {
        var input = new ReportInput(manifest, metrics);
        var page = new HtmlWriter();
        page.Markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
            .Markup("<meta name=\"color-scheme\" content=\"light\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n")
            .Element("title", $"{manifest.Dataset}: what its codes are worth")
            .Markup($"<style>\n{ReportStyle.Css}</style>\n</head>\n<body>\n<main>\n");
        TitleSection.Write(page, input);
        VerdictSection.Write(page, input.Evaluation is null ? null : EvaluationSummary.Of(input.Evaluation));
        if (input.Evaluation is { } evaluation)
        {
            BudgetSection.Write(page, evaluation);
            MethodSection.Write(page, evaluation.Comparison);
            ComponentSection.Write(page, evaluation, metrics.ByK);
            PrefixSection.Write(page, input, evaluation);
            LatentSection.Write(page, evaluation.LatentUse);
        }
        TrainingSection.Write(page, metrics);
        if (input.Evaluation is { } rest)
        {
            LabelSection.Write(page, rest);
            ExampleSection.Write(page, rest.Examples, manifest.Recipe.InputDims);
            NotebookSection.Write(page, rest.Notebook);
        }
        RecipeSection.Write(page, input);
        GlossarySection.Write(page, input);
        page.Markup("</main>\n</body>\n</html>\n");
        return page.ToString();
    }
}
