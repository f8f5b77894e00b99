using HierEmbed.Pipeline.Rows;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>The evaluation of the run that was measured last, kept between its budgets: what all of them share is fitted once. A process without it fits it again, to the same.</summary>
/// <param name="inputs">Reads rows and model.</param>
public sealed class KeptEvaluation(EvaluationInputs inputs) : IDisposable
{
    private readonly SemaphoreSlim opening = new(1);
    private readonly Lock gate = new();
    private OpenEvaluation? kept;

    /// <summary>The evaluation of a run, to be disposed after use.</summary>
    public async Task<OpenEvaluation> OpenAsync(string runId, string dataset, RunPlan plan, CancellationToken cancellationToken)
    {
        // One at a time: two budgets that begin together share what the first reads.
        await opening.WaitAsync(cancellationToken);
        try
        {
            lock (gate)
            {
                if (kept?.RunId == runId)
                    return kept.Share();
            }
            Keep(null);
            OpenEvaluation opened = await inputs.OpenAsync(runId, dataset, plan, cancellationToken);
            Keep(opened.Share());
            return opened;
        }
        finally
        {
            opening.Release();
        }
    }

    /// <summary>Lets the evaluation of a run go; who still measures keeps it until it is done.</summary>
    public void Forget(string runId)
    {
        lock (gate)
        {
            if (kept?.RunId == runId)
                Keep(null);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Keep(null);
        opening.Dispose();
    }

    private void Keep(OpenEvaluation? evaluation)
    {
        lock (gate)
        {
            kept?.Dispose();
            kept = evaluation;
        }
    }
}
