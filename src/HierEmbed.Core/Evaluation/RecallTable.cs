using HierEmbed.Core.Models;

namespace HierEmbed.Core.Evaluation;

/// <summary>The short form of a comparison, as a manifest has it.</summary>
public static class RecallTable
{
    private const int Shortlist = 100;

    /// <summary>One line a budget that the model's codes were measured at, ascending.</summary>
    public static IReadOnlyList<RecallAtBudget> Of(EvaluationReport report) =>
    [
        .. from entry in report.Comparison.Figures
           where !entry.IsBaseline
           orderby entry.BudgetBytes
           let best = report.Comparison.Figures.Where(other => other.BudgetBytes == entry.BudgetBytes).MaxBy(other => other.Figures.Recall10)!
           select new RecallAtBudget(
               entry.BudgetBytes, entry.Figures.Recall10, entry.Figures.Reranked.FirstOrDefault(one => one.Shortlist == Shortlist)?.Recall10,
               best.Figures.Cost.Method, best.Figures.Recall10),
    ];
}
