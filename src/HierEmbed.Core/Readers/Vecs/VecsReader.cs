using System.Buffers;
using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Vecs;

/// <summary>Reads <c>.fvecs</c> and <c>.bvecs</c>. All rows have one length, so rows stand at multiples of one stride.</summary>
internal sealed class VecsReader : IEmbeddingReader
{
    private const int ChunkBytes = 1024 * 1024;

    private readonly Stream stream;
    private readonly RowJudge judge;
    private readonly int elementBytes;
    private readonly int strideBytes;
    private byte[] buffer;

    private VecsReader(EmbeddingFileInfo info, Stream stream, ReaderOptions options, int elementBytes)
    {
        Info = info;
        this.stream = stream;
        this.elementBytes = elementBytes;
        strideBytes = sizeof(int) + (info.Dims * elementBytes);
        judge = new RowJudge(info.Name, options);
        buffer = ArrayPool<byte>.Shared.Rent(Math.Max(ChunkBytes, strideBytes));
    }

    public EmbeddingFileInfo Info { get; }
    public long NextRow { get; private set; }
    public RowRejections Rejections => judge.Rejections;

    public static IEmbeddingReader Open(string name, Stream stream, ReaderOptions options, string format, int elementBytes)
    {
        // Written like .fvecs, and the numbers would pass for tiny floats.
        if (name.Contains(".ivecs", StringComparison.OrdinalIgnoreCase))
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, name, "an .ivecs file holds integers, such as the true neighbours of a benchmark set; expected embeddings. Leave it out.");
        (byte[] head, Stream whole) = ReplayStream.Peek(stream, sizeof(int));
        int dims = head.Length == sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(head) : 0;
        if (dims < 1 || dims > options.MaxDims)
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, name, $"the first row declares {dims} values; from 1 to {options.MaxDims} are read. Write the file again.");
        long stride = sizeof(int) + ((long)dims * elementBytes);
        long? rows = null;
        if (stream.CanSeek)
        {
            long bytes = stream.Length - stream.Position;
            if (bytes % stride != 0)
                throw new EmbeddingFileException(ProblemTypes.TruncatedFile, name,
                    $"the file has {bytes} bytes, no multiple of the {stride} bytes that a row of {dims} values takes. Upload it again, whole.", bytes / stride);
            rows = bytes / stride;
        }
        return new VecsReader(new EmbeddingFileInfo(name, format, elementBytes == sizeof(float) ? "float32" : "uint8", dims, rows), whole, options, elementBytes);
    }

    public bool Read(EmbeddingBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(batch.Dims, Info.Dims);
        batch.Clear();
        int done = 0;
        while (done < batch.Capacity)
        {
            int count = FillBuffer(batch.Capacity - done, cancellationToken);
            if (count == 0)
                break;
            Span<float> rows = batch.NextRows(done + count)[(done * Info.Dims)..];
            for (int i = 0; i < count; i++)
                Convert(NextRow + done + i, buffer.AsSpan(i * strideBytes, strideBytes), rows.Slice(i * Info.Dims, Info.Dims));
            done += count;
        }
        if (done == 0)
        {
            judge.End(NextRow);
            return false;
        }
        judge.Commit(batch, batch.NextRows(done), NextRow);
        NextRow += done;
        return true;
    }

    public void SkipTo(long row, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(row, NextRow);
        if (stream.CanSeek && row <= Info.DeclaredRows)
        {
            stream.Seek((row - NextRow) * strideBytes, SeekOrigin.Current);
            NextRow = row;
        }
        while (NextRow < row)
        {
            int count = FillBuffer((int)Math.Min(int.MaxValue, row - NextRow), cancellationToken);
            if (count == 0)
                throw new EmbeddingFileException(ProblemTypes.TruncatedFile, Info.Name, $"the file has {NextRow} rows; row {row} was to be read next. It changed since: start again.");
            NextRow += count;
        }
    }

    public void Dispose()
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        stream.Dispose();
    }

    /// <summary>Reads whole rows as they are stored.</summary>
    /// <returns>How many; 0 at the end of the file.</returns>
    private int FillBuffer(int rows, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int wanted = Math.Min(rows, Math.Max(1, ChunkBytes / strideBytes)) * strideBytes;
        int read = stream.ReadAtLeast(buffer.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
        if (read % strideBytes != 0)
            throw new EmbeddingFileException(ProblemTypes.TruncatedFile, Info.Name, $"the file ends inside a row of {Info.Dims} values. Upload it again, whole.");
        return read / strideBytes;
    }

    private void Convert(long row, ReadOnlySpan<byte> stored, Span<float> values)
    {
        int declared = BinaryPrimitives.ReadInt32LittleEndian(stored);
        // Where the next row begins hangs on this length, so that one row cannot be left out.
        if (declared != Info.Dims)
            throw new EmbeddingFileException(ProblemTypes.MalformedFile, Info.Name, $"the row declares {declared} values; expected {Info.Dims}, as in the first row. Write the file again.", row);
        ReadOnlySpan<byte> bytes = stored[sizeof(int)..];
        if (elementBytes == sizeof(byte))
            TensorPrimitives.ConvertTruncating(bytes, values);
        else if (BitConverter.IsLittleEndian)
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
        else
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, int>(bytes), MemoryMarshal.Cast<float, int>(values));
    }
}
