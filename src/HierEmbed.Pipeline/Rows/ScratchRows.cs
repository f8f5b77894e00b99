using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HierEmbed.Training;
using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Rows in a file of the scratch folder that has no name any more: the operating system takes it back when the process ends, however it ends.</summary>
/// <remarks>Read by offset and not through a mapping: the page cache serves both, and a disk that fails is an exception here, where a mapping would end the process.</remarks>
public sealed class ScratchRows : IRowSource, IDisposable
{
    private readonly SafeFileHandle file;
    private readonly bool half;

    private ScratchRows(SafeFileHandle file, int rows, int dims, bool half) => (this.file, Rows, Dims, this.half) = (file, rows, dims, half);

    /// <inheritdoc />
    public int Rows { get; }

    /// <inheritdoc />
    public int Dims { get; }

    private int RowBytes => Dims * ElementBytes(half);

    /// <summary>Makes a file and reserves its room.</summary>
    /// <param name="folder">The scratch folder; made where it is missing.</param>
    /// <param name="rows">Rows that it will hold.</param>
    /// <param name="dims">Length of a row.</param>
    /// <param name="half">Holds float16 in place of float32: for rows that are float16 already.</param>
    /// <exception cref="IOException">There is no room.</exception>
    public static ScratchRows Create(string folder, int rows, int dims, bool half)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"hierembed-{Guid.NewGuid():N}.rows");
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete,
            preallocationSize: (long)rows * dims * ElementBytes(half));
        File.Delete(path);
        return new ScratchRows(file, rows, dims, half);
    }

    /// <summary>Bytes of a value.</summary>
    public static int ElementBytes(bool half) => half ? sizeof(ushort) : sizeof(float);

    /// <summary>Writes a row, <c>[dims]</c>, to its place.</summary>
    public void Write(int place, ReadOnlySpan<float> row)
    {
        if (!half)
        {
            RandomAccess.Write(file, MemoryMarshal.AsBytes(row), (long)place * RowBytes);
            return;
        }
        Half[] halves = ArrayPool<Half>.Shared.Rent(row.Length);
        TensorPrimitives.ConvertToHalf(row, halves);
        RandomAccess.Write(file, MemoryMarshal.AsBytes(halves.AsSpan(0, row.Length)), (long)place * RowBytes);
        ArrayPool<Half>.Shared.Return(halves);
    }

    /// <inheritdoc />
    /// <exception cref="IOException">The disk fails.</exception>
    public void Read(int first, Span<float> values)
    {
        if (!half)
        {
            ReadExactly(MemoryMarshal.AsBytes(values), (long)first * RowBytes);
            return;
        }
        Half[] halves = ArrayPool<Half>.Shared.Rent(values.Length);
        ReadExactly(MemoryMarshal.AsBytes(halves.AsSpan(0, values.Length)), (long)first * RowBytes);
        TensorPrimitives.ConvertToSingle(halves.AsSpan(0, values.Length), values);
        ArrayPool<Half>.Shared.Return(halves);
    }

    /// <summary>Gives its room back.</summary>
    public void Dispose() => file.Dispose();

    private void ReadExactly(Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            int read = RandomAccess.Read(file, bytes, offset);
            if (read == 0)
                throw new EndOfStreamException($"The scratch file ends at byte {offset}; {(long)Rows * RowBytes} were written.");
            bytes = bytes[read..];
            offset += read;
        }
    }
}
