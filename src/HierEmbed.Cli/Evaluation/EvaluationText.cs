using System.Globalization;
using HierEmbed.Core.Evaluation;
using Spectre.Console;

namespace HierEmbed.Cli.Evaluation;

/// <summary>An evaluation on the console: what it means, then recall@10 of every method at every budget.</summary>
internal static class EvaluationText
{
    private static readonly string[] LabelColumns = ["accuracy", "macro-F1", "1-NN", "ARI", "silhouette"];

    public static void Print(EvaluationReport report, IAnsiConsole console)
    {
        EvaluationSummary summary = EvaluationSummary.Of(report);
        console.WriteLine(summary.Verdict);
        console.WriteLine();
        console.WriteLine(summary.Recommendation);
        console.WriteLine();
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"recall@10 of {report.Queries} queries among {report.TestRows} rows that training {(report.SeenInTraining ? "saw" : "never saw")}; baselines fitted on {report.FittedRows} training rows"));
        console.Write(Methods(report));
        console.Write(ByK(report));
        if (report.Labels is not null)
            console.Write(Labels(report.Labels));
        if (report.LabelsProblem is not null)
            console.WriteLine($"labels: {report.LabelsProblem}");
        foreach (string reason in report.LeftOut)
            console.WriteLine($"left out: {reason}");
    }

    private static Table Methods(EvaluationReport report)
    {
        int[] budgets = [.. report.Comparison.Verdicts.Select(verdict => verdict.BudgetBytes)];
        var table = new Table().Border(TableBorder.Simple).AddColumn("method");
        foreach (int bytes in budgets)
            table.AddColumn(new TableColumn(string.Create(CultureInfo.InvariantCulture, $"{bytes} B")).RightAligned());
        foreach (IGrouping<string, ComparedFigures> method in report.Comparison.Figures.GroupBy(entry => entry.Figures.Cost.Method))
            table.AddRow([method.Key, .. budgets.Select(bytes => Figure(method.FirstOrDefault(entry => entry.BudgetBytes == bytes)?.Figures.Recall10))]);
        table.AddRow(["reranked 100", .. budgets.Select(bytes => Figure(report.Comparison.Figures.First(entry => entry.BudgetBytes == bytes && !entry.IsBaseline)
            .Figures.Reranked.FirstOrDefault(one => one.Shortlist == 100)?.Recall10))]);
        table.AddRow(["k, L0", .. budgets.Select(bytes => Components(report.Comparison.Figures.First(entry => entry.BudgetBytes == bytes && !entry.IsBaseline).Figures))]);
        return table;
    }

    private static string Components(RetrievalFigures figures) => figures is { K: { } k, L0: { } mean } ? string.Create(CultureInfo.InvariantCulture, $"{k}, {mean:F1}") : "–";

    private static Table ByK(EvaluationReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("recall@10 by k");
        foreach (FiguresAtK at in report.ByK)
            table.AddColumn(new TableColumn(at.K.ToString(CultureInfo.InvariantCulture)).RightAligned());
        table.AddRow(["pursuit", .. report.ByK.Select(at => Figure(at.Pursuit?.Recall10))]);
        table.AddRow(["encoder", .. report.ByK.Select(at => Figure(at.Encoder?.Recall10))]);
        table.AddRow(["code cosine", .. report.ByK.Select(at => Figure(at.CodeCosine.Recall10))]);
        return table;
    }

    private static Table Labels(LabelReport labels)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(string.Create(CultureInfo.InvariantCulture, $"{labels.Classes} labels"))
            .AddColumns([.. LabelColumns.Select(name => new TableColumn(name).RightAligned())]);
        foreach ((string name, LabelFigures figures) in labels.ByBudget.Select(at => (string.Create(CultureInfo.InvariantCulture, $"{at.BudgetBytes} B"), at.Figures)).Prepend(("full", labels.Full)))
        {
            table.AddRow(name, Figure(figures.LogisticAccuracy), Figure(figures.LogisticMacroF1), Figure(figures.NearestAccuracy), Figure(figures.AdjustedRand), Figure(figures.Silhouette));
        }
        return table;
    }

    private static string Figure(double? value) => value is { } number ? number.ToString("F3", CultureInfo.InvariantCulture) : "–";
}
