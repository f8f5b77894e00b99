using HierEmbed.Core.Readers;
using HierEmbed.Training;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Some rows of a run, in the run's order, with what the files say of them.</summary>
/// <param name="rows">The rows as packed.</param>
/// <param name="labels">Id, text and label of each; null where no row has any.</param>
public sealed class DrawnRows(IRowSource rows, IReadOnlyList<RowLabels>? labels) : IDisposable
{
    /// <summary>The rows as packed, <c>[rows, dims]</c>.</summary>
    public IRowSource Rows => rows;

    /// <summary>Id, text and label of each; null where no row has any.</summary>
    public IReadOnlyList<RowLabels>? Labels => labels;

    /// <summary>Gives a scratch file back.</summary>
    public void Dispose() => (rows as IDisposable)?.Dispose();
}
