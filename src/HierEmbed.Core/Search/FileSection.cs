namespace HierEmbed.Core.Search;

/// <summary>A stretch of an index file.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Hash">Its XXH3.</param>
internal readonly record struct FileSection(long Offset, long Bytes, ulong Hash);
