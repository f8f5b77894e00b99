namespace HierEmbed.Serving.Search;

/// <summary>A neighbour, as the search route and <c>hierembed search --json</c> write it.</summary>
/// <param name="Row">Its number among the stored rows of the dataset's files in order, from 0; rejected rows do not count.</param>
/// <param name="Id">Its id, where its file has one.</param>
/// <param name="Text">Its text or title, where its file has one.</param>
/// <param name="Score">What it is ranked by: the full cosine, or its code's score.</param>
/// <param name="CodeScore">Its code's score.</param>
/// <param name="Label">Its class, where its file has one.</param>
/// <param name="File">The upload that it was read from, where it is a stored row.</param>
/// <param name="SourceRow">Its number in that file, from 0, rejected rows counted; left out where an earlier program stored it.</param>
public sealed record FoundRow(int Row, string? Id, string? Text, float Score, float CodeScore, string? Label = null, string? File = null, long? SourceRow = null);
