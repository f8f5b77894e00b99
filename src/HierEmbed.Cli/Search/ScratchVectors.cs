using System.Runtime.InteropServices;
using HierEmbed.Core.Search;
using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Cli.Search;

/// <summary>Full vectors in a scratch file that goes with the process: memory does not grow with rows.</summary>
/// <remarks>Read by offset and not through a mapping: the page cache serves both, and a disk that fails is an exception here.</remarks>
internal sealed class ScratchVectors(string folder, int dims) : IVectorRows, IDisposable
{
    private readonly SafeFileHandle file = ScratchFile.Create(folder);

    public int Rows { get; private set; }

    public int Dims => dims;

    private long RowBytes => (long)dims * sizeof(float);

    /// <summary>Appends rows, <c>[rows, dims]</c>.</summary>
    public void Add(ReadOnlySpan<float> rows)
    {
        RandomAccess.Write(file, MemoryMarshal.AsBytes(rows), Rows * RowBytes);
        Rows = checked(Rows + (rows.Length / dims));
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(ReadOnlyMemory<int> rows, Memory<float> values, CancellationToken cancellationToken)
    {
        ReadOnlySpan<int> wanted = rows.Span;
        for (int first = 0, end; first < wanted.Length; first = end)
        {
            end = first + 1;
            while (end < wanted.Length && wanted[end] == wanted[end - 1] + 1)
                end++;
            ScratchFile.ReadExactly(file, MemoryMarshal.AsBytes(values.Span[(first * dims)..(end * dims)]), wanted[first] * RowBytes);
        }
        return ValueTask.CompletedTask;
    }

    public void Dispose() => file.Dispose();
}
