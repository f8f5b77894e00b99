using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Search;

/// <summary>Full vectors in memory: a search compares them where they lie.</summary>
/// <param name="vectors"><c>[rows, dims]</c>; not to be changed while they are searched.</param>
/// <param name="dims">Length of a row.</param>
public sealed class MemoryVectorRows(float[] vectors, int dims) : IVectorRows
{
    /// <inheritdoc/>
    public int Rows => vectors.Length / dims;

    /// <inheritdoc/>
    public int Dims => dims;

    /// <summary>A row.</summary>
    /// <param name="row">From 0.</param>
    public ReadOnlySpan<float> Row(int row) => vectors.AsSpan(row * dims, dims);

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
        // All pages' addresses first, then each row while the one before it is scored: less than half the time that plain reads take.
        foreach (int row in all)
            CacheLines.PrefetchEnds(Row(row));
        for (int i = 0; i < all.Length; i++)
            cosines.Span[i] = RowProducts.Cosine(unit.Span, Row(all[i]), Row(all[Math.Min(i + 1, all.Length - 1)]));
        return ValueTask.CompletedTask;
    }
}
