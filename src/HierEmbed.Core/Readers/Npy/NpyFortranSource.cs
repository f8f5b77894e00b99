using System.Buffers;

namespace HierEmbed.Core.Readers.Npy;

/// <summary>Fortran order: columns one after another. A block of rows is gathered column by column, one seek each.</summary>
internal sealed class NpyFortranSource(Stream stream, long dataStart, long rows, int dims, NpyElement element) : NpyBlockSource
{
    private byte[] stored = [];
    private float[] column = [];

    public override bool Read(long firstRow, Span<float> block, CancellationToken cancellationToken)
    {
        int count = block.Length / dims;
        Rent(count);
        Span<byte> bytes = stored.AsSpan(0, count * element.Bytes);
        for (int dim = 0; dim < dims; dim++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            stream.Position = dataStart + (((dim * rows) + firstRow) * element.Bytes);
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                return false;
            element.Convert(bytes, column);
            for (int row = 0; row < count; row++)
                block[(row * dims) + dim] = column[row];
        }
        return true;
    }

    public override bool Skip(long rows, CancellationToken cancellationToken) => true;

    public override void Dispose()
    {
        if (stored.Length > 0)
            ArrayPool<byte>.Shared.Return(stored);
        stored = [];
    }

    private void Rent(int count)
    {
        if (column.Length == count)
            return;
        Dispose();
        stored = ArrayPool<byte>.Shared.Rent(count * element.Bytes);
        column = new float[count];
    }
}
