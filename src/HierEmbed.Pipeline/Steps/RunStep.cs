using HierEmbed.Core.Errors;
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
            return await Task.Run(() => ExecuteAsync(input, run, stopped.Token), stopped.Token);
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new(default, await EndAsync(input.RunId, cancellationToken) ?? new RunEnd(RunState.Cancelled));
        }
        catch (HierEmbedException e)
        {
            // Another host may have brought the run to its end and cleared its work away: then that end counts.
            return new(default, await EndAsync(input.RunId, cancellationToken) ?? new RunEnd(RunState.Failed, e.ToProblem()));
        }
        catch (Exception e) when (!TransientFaults.Is(e))
        {
            // A fault of the program: tried again it would only fail again, and the run would seem to be at work for ever.
            string detail = $"Step {Name} failed: {e.GetType().Name}: {e.Message}";
            var internalFault = new HierEmbedException(ProblemTypes.Internal, detail.Length <= 290 ? detail : detail[..287] + "...", e);
            return new(default, await EndAsync(input.RunId, cancellationToken) ?? new RunEnd(RunState.Failed, internalFault.ToProblem()));
        }
        finally
        {
            await stopWatching.CancelAsync();
            await watching;
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
