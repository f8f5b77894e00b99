namespace HierEmbed.Core.Search;

/// <summary>What a query found.</summary>
/// <param name="Neighbours">The nearest rows, best first; of equal scores the lower row first.</param>
/// <param name="ShortlistRows">Rows that were ranked.</param>
public sealed record SearchResult(IReadOnlyList<Neighbour> Neighbours, int ShortlistRows);
