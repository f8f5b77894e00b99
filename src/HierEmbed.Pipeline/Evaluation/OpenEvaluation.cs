using HierEmbed.Training.Evaluation;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>A run's evaluation with one or more holders. Each disposes it once; the last of them closes what it reads from.</summary>
/// <param name="runId">The run.</param>
/// <param name="evaluation">Measures.</param>
/// <param name="sources">Session and scratch files.</param>
public sealed class OpenEvaluation(string runId, CodeEvaluation evaluation, IReadOnlyList<IDisposable> sources) : IDisposable
{
    private int holders = 1;

    /// <summary>The run.</summary>
    public string RunId => runId;

    /// <summary>Measures.</summary>
    public CodeEvaluation Evaluation => evaluation;

    /// <summary>Adds a holder. Only who holds the evaluation may do so.</summary>
    public OpenEvaluation Share()
    {
        Interlocked.Increment(ref holders);
        return this;
    }

    /// <summary>Takes a holder away.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref holders) > 0)
            return;
        foreach (IDisposable source in sources)
            source.Dispose();
    }
}
