using System.Runtime.InteropServices;
using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Search;

/// <summary>Full vectors in memory: a search compares them where they lie.</summary>
/// <param name="vectors"><c>[rows, dims]</c>; not to be changed while they are searched.</param>
/// <param name="dims">Length of a row.</param>
public sealed class MemoryVectorRows(ReadOnlyMemory<float> vectors, int dims) : IVectorRows
{
    private const int PageBytes = 4096;

    /// <inheritdoc/>
    public int Rows => vectors.Length / dims;

    /// <inheritdoc/>
    public int Dims => dims;

    /// <summary>Room for rows, <c>[rows, dims]</c>, from the start of a page of memory on: a row of 4 KB is then on one page, not two.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="dims">Length of a row.</param>
    public static Memory<float> Allocate(int rows, int dims)
    {
        int values = checked(rows * dims);
        float[] pinned = GC.AllocateArray<float>(checked(values + (PageBytes / sizeof(float))), pinned: true);
        long past = Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0) % PageBytes;
        return pinned.AsMemory((int)((PageBytes - past) % PageBytes) / sizeof(float), values);
    }

    /// <summary>A row.</summary>
    /// <param name="row">From 0.</param>
    public ReadOnlySpan<float> Row(int row) => vectors.Span.Slice(row * dims, dims);

    /// <inheritdoc/>
    public ValueTask ReadAsync(ReadOnlyMemory<int> rows, Memory<float> values, CancellationToken cancellationToken)
    {
        for (int i = 0; i < rows.Length; i++)
            Row(rows.Span[i]).CopyTo(values.Span[(i * dims)..]);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask CosinesAsync(ReadOnlyMemory<float> unit, ReadOnlyMemory<int> rows, Memory<float> cosines, CancellationToken cancellationToken)
    {
        ReadOnlySpan<int> all = rows.Span;
        ReadOnlySpan<float> query = unit.Span, values = vectors.Span;
        Span<float> scores = cosines.Span;
        // All pages' addresses first, then each row while the one before it is scored.
        foreach (int row in all)
            CacheLines.PrefetchEnds(values.Slice(row * dims, dims));
        for (int i = 0; i < all.Length; i++)
            scores[i] = RowProducts.Cosine(query, values.Slice(all[i] * dims, dims), values.Slice(all[Math.Min(i + 1, all.Length - 1)] * dims, dims));
        return ValueTask.CompletedTask;
    }
}
