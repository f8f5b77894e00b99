using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers.Compression;
using HierEmbed.Core.Readers.Csv;
using HierEmbed.Core.Readers.Json;
using HierEmbed.Core.Readers.Npy;
using HierEmbed.Core.Readers.Npz;
using HierEmbed.Core.Readers.Parquet;
using HierEmbed.Core.Readers.Vecs;

namespace HierEmbed.Core.Readers;

/// <summary>Opens embedding files: the format is found by content first, by extension second; gzip and zstd around a file are undone.</summary>
public static class EmbeddingReaders
{
    /// <summary>Bytes that the formats look at.</summary>
    private const int HeadBytes = 64 * 1024;

    /// <summary>Every format that is read. Where the content fits several and the extension tells nothing, the first is taken.</summary>
    private static readonly EmbeddingFormat[] Formats = [NpyFormat.Format, NpzFormat.Format, ParquetFormat.Format, JsonDocumentFormat.Format, JsonLinesFormat.Format, CsvFormat.Format, VecsFormat.Floats, VecsFormat.Bytes];

    /// <summary>Extensions of the files that are read, with their dot, lower case.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. Formats.SelectMany(format => format.Extensions)];

    /// <summary>A file's name without its extension, and without that of a compression around it: <c>docs</c> of <c>docs.jsonl.gz</c>.</summary>
    public static string StemOf(string file) =>
        Path.GetFileNameWithoutExtension(WithoutExtension(file, [.. CompressionFormat.All.SelectMany(compression => compression.Extensions)]));

    /// <summary>Opens a file for reading in batches.</summary>
    /// <param name="name">The file's name as the user knows it; its extension counts where the content leaves a choice.</param>
    /// <param name="stream">The content from the current position on; closed by the reader, and here where opening fails.</param>
    /// <param name="options">How the file is read.</param>
    /// <param name="cancellationToken">Stops the opening, which reads all of a file where its rows cannot be found without that.</param>
    /// <exception cref="EmbeddingFileException">The file is empty, in no format that is read, misnamed, or malformed at its beginning.</exception>
    public static IEmbeddingReader Open(string name, Stream stream, ReaderOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        Stream whole = stream;
        try
        {
            (byte[] head, whole) = ReplayStream.Peek(stream, HeadBytes);
            if (ChooseCompression(name, head) is not { } compression)
                return Choose(name, Path.GetExtension(name), head).Open(name, whole, options, cancellationToken);
            (head, whole) = ReplayStream.Peek(compression.Open(name, whole), HeadBytes);
            string bareName = WithoutExtension(name, compression.Extensions);
            return new CompressedFileReader(Choose(name, Path.GetExtension(bareName), head).Open(name, whole, options, cancellationToken), compression.Name);
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }

    /// <summary>The compression around the file; null where there is none.</summary>
    private static CompressionFormat? ChooseCompression(string name, byte[] head)
    {
        CompressionFormat? found = CompressionFormat.All.FirstOrDefault(compression => compression.Matches(head));
        CompressionFormat? named = CompressionFormat.All.FirstOrDefault(compression => compression.Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase));
        if (named is not null && named != found && head.Length > 0)
            throw new EmbeddingFileException(ProblemTypes.MisnamedFile, name,
                $"the name promises {named.Name}, the content is {found?.Name ?? $"not compressed, or {Begins(head)}"}. Rename the file{(found is null ? "" : $" to {found.Extensions[0]}")}.");
        if (found is not null && named is null && Formats.Any(format => HasExtension(format, Path.GetExtension(name))))
            throw new EmbeddingFileException(ProblemTypes.MisnamedFile, name, $"the content is {found.Name}, and the name does not say so. Rename the file to end in {Path.GetExtension(name)}{found.Extensions[0]}.");
        return found;
    }

    private static string WithoutExtension(string name, IReadOnlyList<string> extensions) =>
        extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) ? Path.GetFileNameWithoutExtension(name) : name;

    private static bool HasExtension(EmbeddingFormat format, string extension) => format.Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase);

    private static EmbeddingFormat Choose(string name, string extension, byte[] head)
    {
        if (head.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0 && head.Length < HeadBytes)
            throw new EmbeddingFileException(ProblemTypes.EmptyFile, name, $"the file holds {head.Length} bytes and no rows. Upload a file with embeddings.");

        EmbeddingFormat? named = Formats.FirstOrDefault(format => HasExtension(format, extension));
        if (named is not null && named.Matches(head))
            return named;
        EmbeddingFormat? found = Formats.FirstOrDefault(format => format.Matches(head));
        if (named is not null && IsPickle(head))
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, name,
                "the content is a Python pickle, which is never loaded because it can run code. Save the array with numpy.save(file, array, allow_pickle=False).");
        if (named is not null)
            throw new EmbeddingFileException(ProblemTypes.MisnamedFile, name,
                $"the name promises {named.Description}, the content is {found?.Description ?? Begins(head)}. Rename the file{(found is null ? " or write it again" : $" to {found.Extensions[0]}")}.");
        return found ?? throw new EmbeddingFileException(ProblemTypes.UnknownFormat, name,
            $"the content is {Begins(head)}; expected {string.Join(", ", Formats.Select(format => format.Extensions[0]))}. Convert the file to one of them.");
    }

    /// <summary>Protocol 2 and later begin with 0x80 and the protocol's number.</summary>
    private static bool IsPickle(ReadOnlySpan<byte> head) => head.Length > 1 && head[0] == 0x80 && head[1] is >= 2 and <= 5;

    private static string Begins(ReadOnlySpan<byte> head)
    {
        var text = new StringBuilder("something that begins with bytes");
        foreach (byte b in head[..Math.Min(head.Length, 6)])
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $" {b:X2}");
        return text.ToString();
    }
}
