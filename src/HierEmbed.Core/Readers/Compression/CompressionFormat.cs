namespace HierEmbed.Core.Readers.Compression;

/// <summary>A compression around a whole file, found by its first bytes.</summary>
/// <param name="Name">gzip or zstd.</param>
/// <param name="Extensions">With their dot, lower case; the usual one first.</param>
/// <param name="Matches">Whether a file is compressed so, by its first bytes.</param>
/// <param name="Open">What a file holds: its name, its content from the first byte.</param>
internal sealed record CompressionFormat(
    string Name, IReadOnlyList<string> Extensions, EmbeddingFormat.HeadTest Matches, Func<string, Stream, Stream> Open)
{
    /// <summary>Every compression that is undone.</summary>
    public static IReadOnlyList<CompressionFormat> All { get; } =
    [
        new("gzip", [".gz", ".gzip"], head => head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]), DecompressedStream.OfGzip),
        new("zstd", [".zst", ".zstd"], head => head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]), DecompressedStream.OfZstd),
    ];
}
