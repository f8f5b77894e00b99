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
}
