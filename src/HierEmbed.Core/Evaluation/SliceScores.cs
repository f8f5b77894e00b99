namespace HierEmbed.Core.Evaluation;

/// <summary>Scores every query against consecutive rows, for methods that compare codes rather than rebuilt rows.</summary>
/// <param name="first">Number of the first row.</param>
/// <param name="rows">The rows, <c>[rows, dims]</c>, L2-normalized.</param>
/// <param name="scores">Receives <c>[queries, rows]</c>, finite, higher is nearer.</param>
public delegate void SliceScores(int first, ReadOnlySpan<float> rows, Span<float> scores);
