namespace HierEmbed.Cli.Demo;

/// <summary>Rows nearest to a row, itself left out, nearest first.</summary>
/// <param name="Row">The row.</param>
/// <param name="Full">By full vectors.</param>
/// <param name="Codes">By stored codes alone.</param>
/// <param name="Reranked">A shortlist of the codes, ranked again by full vectors.</param>
internal sealed record DemoNeighbours(int Row, int[] Full, int[] Codes, int[] Reranked);
