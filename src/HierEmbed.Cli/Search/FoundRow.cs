namespace HierEmbed.Cli.Search;

/// <summary>A neighbour as it is printed.</summary>
/// <param name="Row">Its number over the corpus files in order, from 0.</param>
/// <param name="Id">Its id, where its file has one.</param>
/// <param name="Text">Its text, where its file has one.</param>
/// <param name="Score">What it is ranked by.</param>
/// <param name="CodeScore">Its code's score.</param>
internal sealed record FoundRow(int Row, string? Id, string? Text, float Score, float CodeScore);
