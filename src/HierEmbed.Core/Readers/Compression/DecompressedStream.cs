using HierEmbed.Core.Errors;
using ZstdSharp;

namespace HierEmbed.Core.Readers.Compression;

/// <summary>What a gzip or zstd file holds. Damage is an <see cref="EmbeddingFileException"/>, and so is what grows beyond measure.</summary>
internal sealed class DecompressedStream : ForwardStream
{
    /// <summary>Files of numbers shrink to a tenth at best, of repeated rows to a hundredth; a bomb shrinks to a thousandth and less.</summary>
    private const int MaxGrowth = 250;
    private const long FreeBytes = 16 * 1024 * 1024;

    private readonly string file;
    private readonly CountedStream packed;
    private long bytes;

    private DecompressedStream(string file, CountedStream packed, Stream unpacked)
        : base(unpacked)
    {
        this.file = file;
        this.packed = packed;
    }

    /// <summary>Opens a gzip file, of one member or several (RFC 1952). Checksums are checked.</summary>
    public static DecompressedStream OfGzip(string file, Stream stream)
    {
        var packed = new CountedStream(stream);
        return new DecompressedStream(file, packed, new GzipContent(packed));
    }

    /// <summary>Opens a zstd file, of one frame or several (RFC 8878). Checksums are checked where they are; windows are at most 128 MB, zstd's own default.</summary>
    public static DecompressedStream OfZstd(string file, Stream stream)
    {
        var packed = new CountedStream(stream);
        return new DecompressedStream(file, packed, new DecompressionStream(packed, checkEndOfStream: true, leaveOpen: false));
    }

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = Inner.Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
        {
            // The decoders tell a cut from other damage by no type: but a file that was read to its end and wants more was cut.
            throw packed.AtEnd && e is EndOfStreamException
                ? new EmbeddingFileException(ProblemTypes.TruncatedFile, file, $"the compressed file ends after {packed.Bytes} bytes in the middle of its data. Upload it again, whole.", inner: e)
                : new EmbeddingFileException(ProblemTypes.MalformedFile, file, $"the compressed data are damaged after {bytes} bytes of content. Compress the file again, or upload it again.", inner: e);
        }
        bytes += read;
        if (bytes > FreeBytes && bytes / MaxGrowth > packed.Bytes)
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, file, $"{packed.Bytes} compressed bytes grow to more than {MaxGrowth} times as many. Upload the file uncompressed if it holds embeddings.");
        return read;
    }
}
