using System.Buffers;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Readers.Npy;

/// <summary>C order: rows one after another. Native float32 is read straight into the block.</summary>
internal sealed class NpyRowMajorSource(Stream stream, int dims, NpyElement element) : NpyBlockSource
{
    /// <summary>Read before cancellation is looked at again, and small enough for a core's own cache where it is converted.</summary>
    private const int ChunkBytes = 256 * 1024;

    private byte[]? buffer;

    public override bool Read(long firstRow, Span<float> block, CancellationToken cancellationToken)
    {
        int done = 0;
        while (done < block.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<float> values = block.Slice(done, Math.Min(block.Length - done, ChunkBytes / element.Bytes));
            int read = element.IsNativeSingle ? Fill(MemoryMarshal.AsBytes(values)) : Convert(values);
            done += read / element.Bytes;
            if (read < values.Length * element.Bytes)
            {
                WholeRowsRead = done / dims;
                return false;
            }
        }
        return true;
    }

    public override bool Skip(long rows, CancellationToken cancellationToken)
    {
        long bytes = rows * dims * element.Bytes;
        if (stream.CanSeek)
        {
            stream.Seek(bytes, SeekOrigin.Current);
            return true;
        }
        while (bytes > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int wanted = (int)Math.Min(bytes, ChunkBytes);
            if (Fill(Buffer(wanted)) < wanted)
                return false;
            bytes -= wanted;
        }
        return true;
    }

    public override void Dispose()
    {
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }

    private int Convert(Span<float> values)
    {
        Span<byte> stored = Buffer(values.Length * element.Bytes);
        int read = Fill(stored);
        if (read == stored.Length)
            element.Convert(stored, values);
        return read;
    }

    private int Fill(Span<byte> bytes) => stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);

    private Span<byte> Buffer(int bytes) => (buffer ??= ArrayPool<byte>.Shared.Rent(ChunkBytes)).AsSpan(0, bytes);
}
