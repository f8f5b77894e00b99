using HierEmbed.Training;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Prepared rows of a run with one or more holders. Each disposes it once; the last of them gives scratch files back.</summary>
/// <param name="runId">The run.</param>
/// <param name="rows">Its rows.</param>
/// <param name="scratch">What they are read from, where memory does not hold them.</param>
public sealed class SharedRows(string runId, TrainingRows rows, IDisposable? scratch) : IDisposable
{
    private int holders = 1;

    /// <summary>The run.</summary>
    public string RunId => runId;

    /// <summary>Its rows.</summary>
    public TrainingRows Rows => rows;

    /// <summary>Adds a holder. Only who holds the rows may do so.</summary>
    public SharedRows Share()
    {
        Interlocked.Increment(ref holders);
        return this;
    }

    /// <summary>Takes a holder away.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref holders) == 0)
            scratch?.Dispose();
    }
}
