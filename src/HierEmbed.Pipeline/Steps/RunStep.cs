using HierEmbed.Core.Errors;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>A step of one run: shows itself in the run's record, stops when the run is cancelled, and turns permanent failures into outcomes.</summary>
/// <param name="name">Name that workflows call it by.</param>
/// <param name="shownAs">What the run's record shows while it works.</param>
/// <param name="runs">Records of runs.</param>
public abstract class RunStep<TInput, TOutput>(string name, string shownAs, RunStore runs) : PipelineStep<TInput, StepResult<TOutput>>(name)
    where TInput : IRunInput
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NotePatience = TimeSpan.FromSeconds(10);

    /// <summary>Records of runs.</summary>
    protected RunStore Runs { get; } = runs;

    /// <summary>Does the work; throws <see cref="HierEmbedException"/> for what no retry would cure.</summary>
    protected abstract Task<StepResult<TOutput>> ExecuteAsync(TInput input, RunRecord run, CancellationToken cancellationToken);

    /// <inheritdoc />
    public override async Task<StepResult<TOutput>> RunAsync(TInput input, CancellationToken cancellationToken)
    {
        if (await EndAsync(input.RunId, cancellationToken) is { } over)
            return new(default, over);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var stopWatching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task watching = WatchForEndAsync(input.RunId, stopped, stopWatching.Token);
        try
        {
            RunRecord run = await Runs.UpdateAsync(input.RunId, Shown, stopped.Token);
            // Off the caller's scheduler: a workflow's own is exclusive, and this may compute for minutes.
            StepResult<TOutput> result = await Task.Run(() => ExecuteAsync(input, run, stopped.Token), stopped.Token);
            if (run.LastFault is not null)
                await Runs.UpdateAsync(input.RunId, found => found.LastFault is null ? null : found with { LastFault = null }, stopped.Token);
            return result;
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new(default, await EndAsync(input.RunId, cancellationToken) ?? new RunEnd(RunState.Cancelled));
        }
        catch (ArtifactChangedException e)
        {
            // Another worker on the same run wrote it anew while it was read, as at-least-once delivery has it: the next call reads the new one.
            return await EndAsync(input.RunId, cancellationToken) is { } end ? new(default, end) : throw new IOException(e.Message, e);
        }
        catch (HierEmbedException e)
        {
            // Another host may have brought the run to its end and cleared its work away: then that end counts.
            return new(default, await EndAsync(input.RunId, cancellationToken) ?? new RunEnd(RunState.Failed, e.ToProblem()));
        }
        catch (Exception e) when (!Faults.AreTransient(e))
        {
            // A fault of the program: tried again it would only fail again, and the run would seem to be at work for ever.
            var internalFault = new HierEmbedException(ProblemTypes.Internal, $"Step {Name} failed: {Faults.Describe(e)}", e);
            return new(default, await EndAsync(input.RunId, cancellationToken) ?? new RunEnd(RunState.Failed, internalFault.ToProblem()));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            await NoteAsync(input.RunId, e, cancellationToken);
            throw;
        }
        finally
        {
            await stopWatching.CancelAsync();
            await watching;
        }
    }

    /// <summary>Shows in the run's record what the step met, as far as storage lets it: the log has it all the same.</summary>
    private async Task NoteAsync(string runId, Exception fault, CancellationToken cancellationToken)
    {
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        impatient.CancelAfter(NotePatience);
        try
        {
            string shown = $"Step {Name} failed and is tried again: {Faults.Describe(fault)}";
            await Runs.UpdateAsync(runId, found => found.HasEnded || found.LastFault == shown ? null : found with { LastFault = shown }, impatient.Token);
        }
        catch (Exception)
        {
            // It may be the same fault.
        }
    }

    /// <summary>The outcome that the run has, or that it was asked for; null where it is to go on.</summary>
    private async Task<RunEnd?> EndAsync(string runId, CancellationToken cancellationToken)
    {
        if (await Runs.FindAsync(runId, cancellationToken) is { HasEnded: true } run)
            return new RunEnd(run.State, run.Problem, run.ModelVersion);
        return await Runs.IsCancelRequestedAsync(runId, cancellationToken) ? new RunEnd(RunState.Cancelled) : null;
    }

    private RunRecord? Shown(RunRecord found) => found.HasEnded || (found.State == RunState.Running && found.Step == shownAs)
        ? null
        : found with { State = RunState.Running, Step = shownAs };

    private async Task WatchForEndAsync(string runId, CancellationTokenSource stopped, CancellationToken stopWatching)
    {
        try
        {
            do
                await Task.Delay(WatchInterval, stopWatching);
            while (!await HasEndAsync(runId, stopWatching));
            await stopped.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The step is over: nothing to watch for.
        }
    }

    private async Task<bool> HasEndAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            return await EndAsync(runId, cancellationToken) is not null;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Storage does not answer: the next look may. What the step itself meets, its caller retries.
            return false;
        }
    }
}
