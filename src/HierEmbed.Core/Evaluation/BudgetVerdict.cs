namespace HierEmbed.Core.Evaluation;

/// <summary>Which method is to be used at one budget.</summary>
/// <param name="BudgetBytes">Bytes a row.</param>
/// <param name="Best">The method of the highest recall@10.</param>
/// <param name="BestIsBaseline">Whether that is a baseline.</param>
/// <param name="TiedWithBest">Methods whose 95 % interval of the difference from the best holds 0, best first: none is a clear win.</param>
/// <param name="Differences">Every candidate against every baseline.</param>
public sealed record BudgetVerdict(
    int BudgetBytes, string Best, bool BestIsBaseline, IReadOnlyList<string> TiedWithBest, IReadOnlyList<MethodDifference> Differences);
