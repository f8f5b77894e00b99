namespace HierEmbed.Core.Search;

/// <summary>A row that was found.</summary>
/// <param name="Row">Its number in the index.</param>
/// <param name="Score">What it is ranked by: the full cosine, or its code's score.</param>
/// <param name="CodeScore">Its code's score; with <see cref="Rerank.None"/> what the first pass made of it.</param>
public readonly record struct Neighbour(int Row, float Score, float CodeScore);
