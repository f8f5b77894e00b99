namespace HierEmbed.Serving.Search;

/// <summary>What one query found.</summary>
/// <param name="Query">Its number among the queries, from 0.</param>
/// <param name="Row">The stored row that it is, where it is one.</param>
/// <param name="Id">Its id, where its file has one.</param>
/// <param name="Text">Its text, where its file has one.</param>
/// <param name="Shortlist">Rows that were ranked.</param>
/// <param name="Neighbours">The nearest rows, best first.</param>
public sealed record QueryAnswer(int Query, int? Row, string? Id, string? Text, int Shortlist, IReadOnlyList<FoundRow> Neighbours);
