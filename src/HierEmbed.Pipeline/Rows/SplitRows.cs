using HierEmbed.Training;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Rows of a run by use, as packed and in the order of files and rows.</summary>
/// <param name="rows">Rows of each use that was asked for, <c>[rows, dims]</c>.</param>
public sealed class SplitRows(IReadOnlyDictionary<RowUse, IRowSource> rows) : IDisposable
{
    /// <summary>The rows of a use.</summary>
    public IRowSource this[RowUse use] => rows[use];

    /// <summary>Gives scratch files back.</summary>
    public void Dispose()
    {
        foreach (IRowSource source in rows.Values)
            (source as IDisposable)?.Dispose();
    }
}
