using Azure.Storage.Blobs;
using HierEmbed.Functions.Uploads;
using HierEmbed.Functions.Workflows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Workflows;
using HierEmbed.Storage.Runs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>The app's triggers, and an engine that brings what they scheduled to its end when a test says so.</summary>
/// <param name="app">The app.</param>
internal sealed class PlayedHost(App app) : IAsyncDisposable
{
    // Bound and never asked: nothing of a file is read by its trigger.
    private static readonly BlobClient Unused = new(new Uri("http://127.0.0.1:1/embeddings/unused"));
    private readonly List<EngineCall> calls = [];
    private readonly List<object?> statuses = [];
    private int played;

    public FakeDurableClient Client { get; } = new();

    /// <summary>Activities, timers and orchestrators that were called so far.</summary>
    public IReadOnlyList<EngineCall> Calls => calls;

    public IReadOnlyList<object?> Statuses => statuses;

    /// <inheritdoc cref="PlayedOrchestration.DeliversTwice" />
    public bool DeliversTwice { get; set; } = true;

    /// <summary>Awaited before an activity.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Awaited after an activity.</summary>
    public Func<string, Task> After { get; set; } = _ => Task.CompletedTask;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Delivers the notice of an upload.</summary>
    public Task UploadedAsync(string name) => app.Make<UploadFunctions>().OnEmbeddingsUploadedAsync(Unused, name, Client, Cancellation);

    public Task SweepAsync() => app.Make<SweepFunctions>().SweepDatasetsAsync(new TimerInfo(), Client, Cancellation);

    /// <summary>Runs watchers to their ends until none is scheduled.</summary>
    public async Task PlayAsync()
    {
        for (; played < Client.Scheduled.Count; played++)
        {
            (string name, object? input, string? instanceId) = Client.Scheduled[played];
            Assert.Equal(WatchDatasetWorkflow.Name, name);
            Client.Put(instanceId!, OrchestrationRuntimeStatus.Running);
            var engine = new PlayedOrchestration(app) { DeliversTwice = DeliversTwice, Before = activity => Before(activity), After = activity => After(activity) };
            await WorkflowFunctions.WatchDatasetAsync(engine, Assert.IsType<DatasetInput>(input));
            Client.Put(instanceId!, OrchestrationRuntimeStatus.Completed);
            calls.AddRange(engine.Calls);
            statuses.AddRange(engine.Statuses);
        }
    }

    /// <summary>Runs in the order in which they were made.</summary>
    public async Task<IReadOnlyList<RunRecord>> RunsAsync()
    {
        var runs = new List<RunRecord>();
        await foreach (RunRecord run in new RunStore(app.Storage.Results, TimeProvider.System).ListAsync(null, Cancellation))
            runs.Add(run);
        return [.. runs.OrderBy(run => run.Sequence)];
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
