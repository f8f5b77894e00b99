namespace HierEmbed.Core.Evaluation;

/// <summary>Neighbours by codes of one budget.</summary>
/// <param name="BudgetBytes">Bytes a row.</param>
/// <param name="Neighbours">Nearest first.</param>
public sealed record ExampleRanking(int BudgetBytes, IReadOnlyList<ExampleNeighbour> Neighbours);
