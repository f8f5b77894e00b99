namespace HierEmbed.Core.Readers;

/// <summary>One format: how it is recognized and opened. A new format is one more of these in <see cref="EmbeddingReaders"/>.</summary>
/// <param name="Description">The format in words, for messages: "a NumPy array (.npy)".</param>
/// <param name="Extensions">With their dot, lower case; the usual one first.</param>
/// <param name="Matches">Whether a file may be of this format, by its first bytes.</param>
/// <param name="Open">Opens a file: its name, its content from the first byte, how it is read, what stops the opening.</param>
internal sealed record EmbeddingFormat(
    string Description,
    IReadOnlyList<string> Extensions,
    EmbeddingFormat.HeadTest Matches,
    Func<string, Stream, ReaderOptions, CancellationToken, IEmbeddingReader> Open)
{
    /// <summary>Looks at a file's first bytes: all of a small file, 64 KB of another.</summary>
    public delegate bool HeadTest(ReadOnlySpan<byte> head);
}
