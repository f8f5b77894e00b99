namespace HierEmbed.Storage.Runs;

/// <summary>One file of a run.</summary>
/// <param name="File">The upload's name.</param>
/// <param name="Format">The format that was found by content.</param>
/// <param name="ElementType">Type of the stored numbers, as the format writes it.</param>
/// <param name="Rows">Rows that can be used.</param>
/// <param name="Rejected">Rows left out.</param>
/// <param name="Compression">The compression around the file: gzip or zstd; null where there is none.</param>
public sealed record FileInDataset(string File, string Format, string ElementType, long Rows, long Rejected, string? Compression = null);
