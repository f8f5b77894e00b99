namespace HierEmbed.Core.Search;

/// <summary>Consecutive rows of a source that go into one block.</summary>
/// <param name="Source">The source.</param>
/// <param name="First">The first row in it.</param>
/// <param name="Rows">How many.</param>
internal readonly record struct BlockPart(ICodeRows Source, long First, int Rows);
