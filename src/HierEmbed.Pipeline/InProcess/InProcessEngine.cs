using System.Collections.Concurrent;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Workflows;
using HierEmbed.Serving.Runs;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Pipeline.InProcess;

/// <summary>Runs the workflows in this process: one watcher a dataset, and a sweep that finds markers which no watcher works on.</summary>
public sealed class InProcessEngine : IWatcherLauncher, IAsyncDisposable
{
    private readonly HierEmbedPipeline pipeline;
    private readonly StepRetry retry;
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly UploadScanner scanner;
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<string, Task> watchers = new();
    private Task sweeping = Task.CompletedTask;

    /// <summary>Makes an engine that does nothing before <see cref="Start"/>.</summary>
    /// <param name="pipeline">The steps.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">The logger.</param>
    /// <param name="retry">How often a step that throws is called again; null: the default.</param>
    public InProcessEngine(HierEmbedPipeline pipeline, TimeProvider clock, ILogger logger, StepRetry? retry = null)
    {
        this.pipeline = pipeline;
        this.clock = clock;
        this.logger = logger;
        this.retry = retry ?? StepRetry.Default;
        scanner = new UploadScanner(pipeline, logger);
    }

    /// <summary>Starts to look for uploads and for markers left behind: by another process, a crash, or a race.</summary>
    public void Start() => sweeping = Task.Run(SweepAsync);

    /// <inheritdoc />
    public Task WakeAsync(string dataset, CancellationToken cancellationToken = default)
    {
        // A watcher that is about to end may miss this call: the marker is left then, and the next sweep finds it.
        lock (watchers)
        {
            if (!stopping.IsCancellationRequested && !watchers.ContainsKey(dataset))
                watchers[dataset] = Task.Run(() => WatchAsync(dataset), CancellationToken.None);
        }
        return Task.CompletedTask;
    }

    /// <summary>Trains one run to its outcome, without a watcher.</summary>
    public Task<Storage.Runs.RunRecord> TrainAsync(string runId, CancellationToken cancellationToken) =>
        RunExclusivelyAsync(token => TrainModelWorkflow.RunAsync(Context(runId, token), new RunInput(runId)), cancellationToken);

    /// <summary>Stops: steps at work are cancelled, and taken up again by the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await sweeping;
        Task[] atWork;
        // A watcher that was being started is there once the lock is free; later ones are refused.
        lock (watchers)
            atWork = [.. watchers.Values];
        await Task.WhenAll(atWork);
        stopping.Dispose();
    }

    private InProcessContext Context(string instanceId, CancellationToken cancellationToken) => new(instanceId, pipeline, retry, clock, logger, cancellationToken);

    private async Task WatchAsync(string dataset)
    {
        try
        {
            string instanceId = WatchDatasetWorkflow.InstanceId(dataset);
            await RunExclusivelyAsync(async token =>
            {
                await WatchDatasetWorkflow.RunAsync(Context(instanceId, token), new DatasetInput(dataset));
                return true;
            }, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process stops; the marker stays for the next start.
        }
        catch (Exception e)
        {
            // Whatever it was, other datasets and the server live on; the marker stays, so the sweep tries again.
            Log.WatcherFailed(logger, dataset, e);
        }
        finally
        {
            lock (watchers)
                watchers.TryRemove(dataset, out _);
        }
    }

    private async Task SweepAsync()
    {
        try
        {
            while (true)
            {
                await SweepOnceAsync();
                await Task.Delay(pipeline.Options.PollInterval, clock, stopping.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    private async Task SweepOnceAsync()
    {
        // One without the other where that is all that storage gives.
        await TryAsync(() => scanner.MarkChangedAsync(stopping.Token));
        await TryAsync(async () =>
        {
            foreach (string dataset in await pipeline.Markers.ListAsync(stopping.Token))
                await WakeAsync(dataset, stopping.Token);
        });
    }

    private async Task TryAsync(Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            Log.ScanFailed(logger, e);
        }
    }

    /// <summary>Runs a workflow so that no two of its continuations run at once, as a durable engine does.</summary>
    private static Task<T> RunExclusivelyAsync<T>(Func<CancellationToken, Task<T>> workflow, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() => workflow(cancellationToken), cancellationToken, TaskCreationOptions.None,
            new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();
}
