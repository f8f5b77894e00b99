namespace HierEmbed.Core.Readers.Npy;

/// <summary>The format of <c>numpy.save</c> (NEP 1).</summary>
internal static class NpyFormat
{
    public static EmbeddingFormat Format { get; } = new("a NumPy array (.npy)", [".npy"], IsNpy,
        (name, stream, options, _) => NpyReader.Open(name, stream, options));

    /// <summary>A file that ends inside the magic string is taken too: it is told that it was cut off.</summary>
    private static bool IsNpy(ReadOnlySpan<byte> head) =>
        head.StartsWith(NpyHeader.Magic) || (!head.IsEmpty && head.Length < NpyHeader.Magic.Length && NpyHeader.Magic.StartsWith(head));
}
