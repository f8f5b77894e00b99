using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Codes.Packed;

/// <summary>A <c>.codes</c> file, mapped into memory: many packed codes of one model. Thread-safe.</summary>
/// <remarks>The layout is <see cref="CodeFileLayout"/>'s. Everything is checked when the file is opened, its checksums too; afterwards rows are only looked up.</remarks>
public sealed class CodeFile : IDisposable
{
    private readonly MappedFile file;
    private readonly CodeFileHeader header;
    private readonly CodeFileFooter footer;
    private readonly PackedCodeReader reader;

    private CodeFile(string path)
    {
        string name = Path.GetFileName(path);
        file = new MappedFile(path);
        try
        {
            if (Length < CodeFileLayout.MinHeaderBytes + CodeFileLayout.FooterBytes)
                throw CodeFileLayout.Corrupt(name, $"it ends after {Length} bytes; the shortest collection is longer");
            header = CodeFileHeader.Read(name, Bytes(0, Length));
            footer = CodeFileFooter.Read(name, Bytes(Length - CodeFileLayout.FooterBytes, CodeFileLayout.FooterBytes), Bytes(0, header.Bytes), Format.BytesPerVector, Length);
            Check(name);
            reader = new PackedCodeReader(header.Format);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Rows.</summary>
    public long Rows => footer.Rows;

    /// <summary>The model whose dictionary the codes are of.</summary>
    public string ModelId => header.ModelId;

    /// <summary>How the codes were made, and with it what scores mean.</summary>
    public CodeCoding Coding => header.Coding;

    /// <summary>How they are packed.</summary>
    public PackedCodeFormat Format => header.Format;

    /// <summary>Stands for what the file holds: its footer's checksum, which its other checksums go into.</summary>
    internal ulong Identity => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(Length - CodeFileLayout.HashBytes - CodeFileLayout.Magic.Length, CodeFileLayout.HashBytes));

    /// <summary>Whether rows have ids.</summary>
    public bool HasIds => footer.IdBytes > 0;

    private long Length => file.Length;

    /// <summary>Reads what a file's beginning says of its codes, so that a collection elsewhere can be judged before it is fetched.</summary>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="start">The file's first <see cref="CodeFileInfo.MaxHeaderBytes"/> bytes; all of a shorter file.</param>
    /// <exception cref="ModelException">It is no collection, its header is damaged, or a newer program wrote it.</exception>
    public static CodeFileInfo ReadInfo(string name, ReadOnlySpan<byte> start)
    {
        if (start.Length < CodeFileLayout.MinHeaderBytes + CodeFileLayout.FooterBytes)
            throw CodeFileLayout.Corrupt(name, $"it ends after {start.Length} bytes; the shortest collection is longer");
        CodeFileHeader header = CodeFileHeader.Read(name, start);
        return new CodeFileInfo(header.ModelId, header.Coding, header.Format);
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file; it must not be written to while it is open.</param>
    /// <exception cref="ModelException">It is no collection, it is damaged or cut off, or a newer program wrote it.</exception>
    public static CodeFile Open(string path) => new(path);

    /// <summary>Opens a file whose codes must be of a model.</summary>
    /// <param name="path">The file; it must not be written to while it is open.</param>
    /// <param name="modelId">The model.</param>
    /// <exception cref="ModelException">As above, or the codes are of another model.</exception>
    public static CodeFile Open(string path, string modelId)
    {
        CodeFile collection = Open(path);
        if (collection.ModelId == modelId)
            return collection;
        string found = collection.ModelId;
        collection.Dispose();
        throw new ModelException(ProblemTypes.CorruptArtifact,
            $"{Path.GetFileName(path)} holds codes of model {found}, not of model {modelId}: latents of one model mean nothing to another. Use model {found}, or encode the rows again.");
    }

    /// <summary>A packed row, <c>[bytesPerVector]</c>; valid until the collection is disposed.</summary>
    /// <param name="row">From 0.</param>
    public ReadOnlySpan<byte> Packed(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        return Bytes(header.Bytes + (row * Format.BytesPerVector), Format.BytesPerVector);
    }

    /// <summary>A row's code.</summary>
    /// <param name="row">From 0.</param>
    public SparseCode Code(long row) => reader.Read(Packed(row));

    /// <summary>A row's code in buffers.</summary>
    /// <param name="row">From 0.</param>
    /// <param name="indices">Receives ascending latents, room for k.</param>
    /// <param name="values">Receives their values, room for k.</param>
    /// <returns>How many there are.</returns>
    public int Read(long row, Span<int> indices, Span<float> values) => reader.Read(Packed(row), indices, values);

    /// <summary>A row's id; null where it has none.</summary>
    /// <param name="row">From 0.</param>
    public string? Id(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        if (!HasIds)
            return null;
        long from = IdEnd(row - 1), to = IdEnd(row);
        return to == from ? null : Encoding.UTF8.GetString(Bytes(IdText + from, to - from));
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private long IdText => header.Bytes + RowBytes + (Rows * sizeof(long));

    private long RowBytes => Rows * Format.BytesPerVector;

    private long IdEnd(long row) => row < 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(Bytes(header.Bytes + RowBytes + (row * sizeof(long)), sizeof(long)));

    private void Check(string name)
    {
        if (Hash(header.Bytes, RowBytes) != footer.RowsHash)
            throw CodeFileLayout.Corrupt(name, "the rows do not fit their checksum");
        if (Hash(header.Bytes + RowBytes, footer.IdBytes) != footer.IdsHash)
            throw CodeFileLayout.Corrupt(name, "the ids do not fit their checksum");
        if (!HasIds)
            return;
        long textBytes = footer.IdBytes - (Rows * sizeof(long)), before = 0;
        for (long row = 0; row < Rows; row++)
        {
            long end = IdEnd(row);
            if (end < before || end > textBytes)
                throw CodeFileLayout.Corrupt(name, $"the id of row {row} ends at byte {end} of {textBytes}, after {before}");
            before = end;
        }
        if (before != textBytes)
            throw CodeFileLayout.Corrupt(name, $"the ids end at byte {before} of {textBytes}");
    }

    private ulong Hash(long from, long length)
    {
        const int part = 1 << 24;
        var hash = new XxHash3();
        for (long at = 0; at < length; at += part)
            hash.Append(Bytes(from + at, Math.Min(part, length - at)));
        return hash.GetCurrentHashAsUInt64();
    }

    private ReadOnlySpan<byte> Bytes(long from, long length) => file.Bytes(from, (int)Math.Min(length, int.MaxValue));
}
