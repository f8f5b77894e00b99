using System.Buffers;
using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Search;

/// <summary>The full vectors of an index's rows, read by row number: a mapped file, scratch space or ranges of blobs. Thread-safe.</summary>
public interface IVectorRows
{
    /// <summary>Rows.</summary>
    int Rows { get; }

    /// <summary>Length of a row.</summary>
    int Dims { get; }

    /// <summary>Reads rows, of any length but zero.</summary>
    /// <param name="rows">Row numbers, ascending, so that neighbours can be read at once.</param>
    /// <param name="values">Receives <c>[rows, dims]</c>.</param>
    /// <param name="cancellationToken">Cancels between reads.</param>
    ValueTask ReadAsync(ReadOnlyMemory<int> rows, Memory<float> values, CancellationToken cancellationToken);

    /// <summary>The cosines of rows with a query.</summary>
    /// <param name="unit">The query, of unit length, <c>[dims]</c>.</param>
    /// <param name="rows">Row numbers, ascending.</param>
    /// <param name="cosines">Receives <c>[rows]</c>; 0 for a row of zeros.</param>
    /// <param name="cancellationToken">Cancels between reads.</param>
    async ValueTask CosinesAsync(ReadOnlyMemory<float> unit, ReadOnlyMemory<int> rows, Memory<float> cosines, CancellationToken cancellationToken)
    {
        int count = checked(rows.Length * Dims);
        float[] values = ArrayPool<float>.Shared.Rent(count);
        await ReadAsync(rows, values.AsMemory(0, count), cancellationToken);
        for (int i = 0; i < rows.Length; i++)
            cosines.Span[i] = RowProducts.Cosine(unit.Span, values.AsSpan(i * Dims, Dims));
        ArrayPool<float>.Shared.Return(values);
    }
}
