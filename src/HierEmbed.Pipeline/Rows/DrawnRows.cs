using HierEmbed.Training;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Some rows of a run, in the run's order.</summary>
/// <param name="rows">The rows as packed.</param>
/// <param name="positions">The place of each among all rows of the run, ascending.</param>
public sealed class DrawnRows(IRowSource rows, long[] positions) : IDisposable
{
    /// <summary>The rows as packed, <c>[rows, dims]</c>.</summary>
    public IRowSource Rows => rows;

    /// <summary>The place of each among all rows of the run, ascending.</summary>
    public IReadOnlyList<long> Positions => positions;

    /// <summary>Gives a scratch file back.</summary>
    public void Dispose() => (rows as IDisposable)?.Dispose();
}
