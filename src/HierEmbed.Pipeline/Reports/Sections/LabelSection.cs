using HierEmbed.Core.Evaluation;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>What codes still say of labels.</summary>
internal static class LabelSection
{
    public static void Write(HtmlWriter page, EvaluationReport evaluation)
    {
        page.BeginSection("labels", "Labels");
        if (evaluation.LabelsProblem is { } problem)
            page.Element("p", $"There is a file of labels, and it was not used: {problem}");
        if (evaluation.Labels is not { } labels)
        {
            if (evaluation.LabelsProblem is null)
                page.Element("p", "The rows have no labels. Put a file labels.jsonl or labels.csv beside the data to see what the codes keep of them.");
            page.EndSection();
            return;
        }
        page.Element("p", $"{Shown.Count(labels.Classes)} classes; learnt from {Shown.Count(labels.TrainRows)} rows and tried on {Shown.Count(labels.TestRows)}. Vectors are rebuilt from the stored codes.");
        new ReportTable("What vectors say of labels",
            new("vectors", IsNumber: false), new("logistic regression, accuracy"), new("macro-F1"), new("nearest neighbour, accuracy"), new("k-means, ARI"), new("silhouette"))
        {
            Rows = labels.ByBudget.OrderBy(at => at.BudgetBytes).Select(at => Row($"rebuilt from {Shown.Bytes(at.BudgetBytes)}", at.Figures)).Prepend(Row("full vectors", labels.Full)),
        }.WriteTo(page);
        page.EndSection();
    }

    private static string[] Row(string name, LabelFigures figures) =>
    [
        name, Shown.Share(figures.LogisticAccuracy), Shown.Share(figures.LogisticMacroF1), Shown.Share(figures.NearestAccuracy),
        Shown.Share(figures.AdjustedRand), Shown.Share(figures.Silhouette),
    ];
}
