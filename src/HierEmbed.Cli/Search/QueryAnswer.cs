namespace HierEmbed.Cli.Search;

/// <summary>What one query found, as it is printed.</summary>
/// <param name="Query">Its number over the query files in order, from 0.</param>
/// <param name="Row">The corpus' row that it is, where it is one.</param>
/// <param name="Id">Its id, where its file has one.</param>
/// <param name="Text">Its text, where its file has one.</param>
/// <param name="Shortlist">Rows that were ranked.</param>
/// <param name="Neighbours">The nearest rows, best first.</param>
internal sealed record QueryAnswer(int Query, int? Row, string? Id, string? Text, int Shortlist, IReadOnlyList<FoundRow> Neighbours);
