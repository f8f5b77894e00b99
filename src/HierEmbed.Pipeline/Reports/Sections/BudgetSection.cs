using HierEmbed.Core.Evaluation;
using HierEmbed.Pipeline.Reports.Charts;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>What the codes are worth at each budget of bytes, beside the best baseline, and all methods in one chart.</summary>
internal static class BudgetSection
{
    public static void Write(HtmlWriter page, EvaluationReport evaluation)
    {
        page.BeginSection("by-bytes", "Recall by bytes");
        page.Element("p", evaluation.SeenInTraining
            ? $"{Shown.Count(evaluation.Queries)} queries against {Shown.Count(evaluation.TestRows)} rows. The dataset is too small to hold rows out: training saw these rows, so figures for new rows will be lower."
            : $"{Shown.Count(evaluation.Queries)} queries against {Shown.Count(evaluation.TestRows)} rows that training never saw.", evaluation.SeenInTraining ? "warning" : null);
        Table(evaluation.Comparison).WriteTo(page);
        page.Element("p", "Won and lost: the 95 % interval of the difference leaves 0 out. Tied: it holds 0. Rerank sorts the first 100 found by codes by their full vectors.", "note");
        if (evaluation.Comparison.Figures.Count > 0)
            Draw(evaluation.Comparison).WriteTo(page, "recall@10 by bytes a vector, codes alone, no rerank. The thick line is this model.");
        page.EndSection();
    }

    private static ReportTable Table(ComparisonTable comparison) => new(
        "This model's stored codes, and the result against the best baseline of the same bytes",
        // What matters most comes first: a phone shows four columns.
        new("bytes a vector"), new("recall@10"), new("after rerank of 100"), new("result", IsNumber: false),
        new("best baseline", IsNumber: false), new("its recall@10"), new("difference"), new("95 % interval", IsNumber: false))
    {
        Rows = comparison.Verdicts.Select(verdict => Row(comparison, verdict)),
    };

    private static string[] Row(ComparisonTable comparison, BudgetVerdict verdict)
    {
        ComparedFigures? own = Best(comparison, verdict.BudgetBytes, isBaseline: false);
        ComparedFigures? baseline = Best(comparison, verdict.BudgetBytes, isBaseline: true);
        MethodDifference? difference = verdict.Differences.FirstOrDefault(d => d.Candidate == own?.Figures.Cost.Method && d.Baseline == baseline?.Figures.Cost.Method);
        return
        [
            Shown.Count(verdict.BudgetBytes),
            Shown.Share(own?.Figures.Recall10),
            Shown.Share(Reranked(own?.Figures, 100)),
            difference is null ? Shown.Nothing : Outcome(difference.Interval),
            baseline?.Figures.Cost.Method ?? Shown.Nothing,
            Shown.Share(baseline?.Figures.Recall10),
            difference is null ? Shown.Nothing : Shown.Difference(difference.Interval.Difference),
            difference is null ? Shown.Nothing : $"{Shown.Difference(difference.Interval.Low)} to {Shown.Difference(difference.Interval.High)}",
        ];
    }

    private static ComparedFigures? Best(ComparisonTable comparison, int bytes, bool isBaseline) =>
        comparison.Figures.Where(f => f.BudgetBytes == bytes && f.IsBaseline == isBaseline).MaxBy(f => f.Figures.Recall10);

    /// <summary>Recall@10 after a rerank; null where there are no more rows than the shortlist.</summary>
    internal static double? Reranked(RetrievalFigures? figures, int shortlist) =>
        figures?.Reranked.FirstOrDefault(r => r.Shortlist == shortlist)?.Recall10;

    private static string Outcome(BootstrapInterval interval) => interval.IsTie ? "tied" : interval.Difference > 0 ? "won" : "lost";

    private static Chart Draw(ComparisonTable comparison)
    {
        int others = 0;
        ChartSeries[] series =
        [
            .. from figures in comparison.Figures
               group figures by (figures.IsBaseline, figures.Figures.Cost.Method) into method
               orderby method.Key.IsBaseline
               select new ChartSeries(
                   method.Key.IsBaseline ? method.Key.Method : $"{method.Key.Method} (this model)",
                   [.. method.OrderBy(f => f.BudgetBytes).Select(f => ((double)f.BudgetBytes, f.Figures.Recall10))],
                   !method.Key.IsBaseline && others == 0 ? SeriesStyle.Own : SeriesStyle.Other(others++)),
        ];
        return new Chart("recall-by-bytes", "recall@10 against bytes a vector, for this model and every baseline; the table below has the figures",
            ChartAxis.Doubling("bytes a vector", [.. comparison.Figures.Select(f => f.BudgetBytes)]),
            ChartAxis.Shares("recall@10", comparison.Figures.Select(f => f.Figures.Recall10)), series);
    }
}
