namespace HierEmbed.Core.Evaluation;

/// <summary>What a comparison found.</summary>
/// <param name="Figures">Every method at every budget, in the order that they were given.</param>
/// <param name="Verdicts">One for each budget, ascending.</param>
public sealed record ComparisonTable(IReadOnlyList<ComparedFigures> Figures, IReadOnlyList<BudgetVerdict> Verdicts);
