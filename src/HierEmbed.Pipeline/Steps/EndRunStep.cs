using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of <see cref="EndRunStep"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="End">Its outcome.</param>
/// <param name="Sequence">The attempt that it is the outcome of; null where that is not known: then of whichever is there.</param>
public sealed record EndRunInput(string RunId, RunEnd End, long? Sequence = null);

/// <summary>Writes a run's outcome, then clears up behind it. Not a <see cref="RunStep{TInput, TOutput}"/>: it must work for a cancelled run.</summary>
/// <param name="storage">Both containers.</param>
/// <param name="runs">Records of runs.</param>
/// <param name="retention">Clears up.</param>
/// <param name="forget">Lets go what is kept in memory for a run.</param>
public sealed class EndRunStep(HierEmbedStorage storage, RunStore runs, Retention retention, Action<string> forget) : PipelineStep<EndRunInput, RunRecord>(StepNames.EndRun)
{
    /// <inheritdoc />
    public override async Task<RunRecord> RunAsync(EndRunInput input, CancellationToken cancellationToken)
    {
        RunEnd end = input.End;
        forget(input.RunId);
        RunRecord run = await runs.FindAsync(input.RunId, cancellationToken) ?? throw new ArtifactNotFoundException(Layout.RunRecord(input.RunId));
        // Delivered again after a user has started the run again: the outcome is that of the attempt before.
        if (input.Sequence is { } attempt && attempt != run.Sequence)
            return run;
        string failure = Layout.Failure(run.Dataset, run.RunId);
        // The reason before the record that refers to it, so that a run which shows as failed always has one.
        if (end.Problem is not null && !run.HasEnded)
            await storage.Results.WriteJsonAsync(failure, end.Problem, WriteCondition.Always, cancellationToken);
        RunRecord ended = await runs.UpdateAsync(input.RunId,
            found => found.HasEnded || (input.Sequence ?? found.Sequence) != found.Sequence ? null : found with { State = end.State, LastFault = null, Problem = end.Problem, ModelVersion = end.ModelVersion },
            cancellationToken);
        if (ended.State != RunState.Failed)
            await storage.Results.DeleteAsync(failure, null, cancellationToken);
        await retention.ApplyAsync(run.Dataset, cancellationToken);
        return ended;
    }
}
