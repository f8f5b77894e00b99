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

    /// <summary>Scores rows.</summary>
    /// <param name="rows">Row numbers, ascending.</param>
    /// <param name="score">Scores a row.</param>
    /// <param name="scores">Receives <c>[rows]</c>.</param>
    internal void Score(ReadOnlySpan<int> rows, Func<ReadOnlySpan<float>, float> score, Span<float> scores)
    {
        // All pages' addresses first, then each row while the one before it is scored: half the time that plain reads take.
        foreach (int row in rows)
            CacheLines.PrefetchEnds(Row(row));
        for (int i = 0; i < rows.Length; i++)
        {
            if (i + 1 < rows.Length)
                CacheLines.Prefetch(Row(rows[i + 1]));
            scores[i] = score(Row(rows[i]));
        }
    }
}
