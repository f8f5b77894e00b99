namespace HierEmbed.Core.Search;

/// <summary>Rows of a source that go into a block.</summary>
/// <param name="Source">Which source.</param>
/// <param name="First">The first row in it.</param>
/// <param name="Rows">How many.</param>
internal readonly record struct PlannedPart(int Source, long First, int Rows);
