namespace HierEmbed.Core.Evaluation;

/// <summary>One test row with its neighbours among the test rows, by full vectors and by codes.</summary>
/// <param name="Text">The row's text.</param>
/// <param name="Full">By full cosine, nearest first.</param>
/// <param name="ByBudget">By pursuit codes, for each budget shown.</param>
public sealed record ExampleNeighbours(string Text, IReadOnlyList<ExampleNeighbour> Full, IReadOnlyList<ExampleRanking> ByBudget);
