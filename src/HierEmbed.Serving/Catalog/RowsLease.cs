using HierEmbed.Serving.Search;

namespace HierEmbed.Serving.Catalog;

/// <summary>The right to use stored rows: their index stays until the lease is disposed.</summary>
/// <param name="rows">The rows.</param>
/// <param name="release">Gives them back; called once.</param>
internal sealed class RowsLease(StoredRows rows, Action release) : IDisposable
{
    private int disposed;

    /// <summary>The rows.</summary>
    public StoredRows Rows => rows;

    /// <summary>Gives the rows back. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            release();
    }
}
