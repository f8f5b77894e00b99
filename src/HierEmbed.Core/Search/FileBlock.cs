namespace HierEmbed.Core.Search;

/// <summary>What an index file's header says of a block.</summary>
/// <param name="First">Number of its first row.</param>
/// <param name="Rows">Rows.</param>
/// <param name="K">Most active components.</param>
/// <param name="Levels">Levels of its symbols.</param>
/// <param name="Postings">Postings of its lists; 0 where it has none.</param>
/// <param name="Section">Where it is.</param>
internal readonly record struct FileBlock(int First, int Rows, int K, int Levels, int Postings, FileSection Section);
