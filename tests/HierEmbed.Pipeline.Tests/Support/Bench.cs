using System.Collections.Concurrent;
using System.Text;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.Pipeline.Steps;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>A folder with both containers, and a pipeline on it whose storage can be observed.</summary>
internal sealed class Bench : IDisposable
{
    /// <summary>Longer than anything takes on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public Bench(HierEmbedOptions? options = null)
    {
        Options = options ?? SmallRuns.OnePiece;
        Pipeline = SmallRuns.Open(Root, Options, inner => Results = new ObservedStore(inner), inner => Uploads = new ObservedStore(inner));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("hierembed-pipeline-").FullName;

    public HierEmbedOptions Options { get; }

    public HierEmbedPipeline Pipeline { get; }

    public ObservedStore Uploads { get; private set; } = null!;

    public ObservedStore Results { get; private set; } = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Puts a file where users put theirs.</summary>
    public async Task UploadAsync(string name, byte[] content)
    {
        string path = Path.Combine(Root, Options.UploadsContainer, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllBytesAsync(path, content, Cancellation);
    }

    /// <summary>Puts a small dataset there: one file and a recipe.</summary>
    public async Task UploadDatasetAsync(string dataset, int rows = 120, int seed = 1, string recipe = SmallRows.Recipe)
    {
        await UploadAsync($"{dataset}/training.json", Encoding.UTF8.GetBytes(recipe));
        await UploadAsync($"{dataset}/a.npy", SmallRows.Npy(rows, seed));
    }

    public void Delete(string upload) => File.Delete(Path.Combine(Root, Options.UploadsContainer, upload));

    public InProcessEngine Engine(HierEmbedPipeline? pipeline = null) =>
        new(pipeline ?? Pipeline, TimeProvider.System, NullLogger.Instance, new StepRetry(5, TimeSpan.FromMilliseconds(5)));

    /// <summary>Another host's pipeline on the same folder.</summary>
    public HierEmbedPipeline OtherHost(HierEmbedOptions? options = null) => SmallRuns.Open(Root, options ?? Options);

    /// <summary>Makes the run that a dataset's files call for.</summary>
    /// <returns>Its id, or null where there is nothing to do.</returns>
    public async Task<string?> PlanAsync(string dataset) => (await CallAsync<DatasetInput, PlannedRun>(StepNames.PlanRun, new(dataset))).RunId;

    /// <summary>Plans a run and brings it to its end.</summary>
    public async Task<RunRecord> TrainAsync(string dataset)
    {
        string runId = await PlanAsync(dataset) ?? throw new InvalidOperationException($"There is nothing to train in {dataset}.");
        return await RunAsync(runId);
    }

    /// <summary>Brings a run to its end.</summary>
    public async Task<RunRecord> RunAsync(string runId, HierEmbedPipeline? pipeline = null)
    {
        await using InProcessEngine engine = Engine(pipeline);
        return await engine.TrainAsync(runId, Cancellation);
    }

    public Task<TOutput> CallAsync<TInput, TOutput>(string step, TInput input, HierEmbedPipeline? pipeline = null) =>
        ((PipelineStep<TInput, TOutput>)(pipeline ?? Pipeline).Step(step)).RunAsync(input, Cancellation);

    /// <summary>Runs a host until all is worked off.</summary>
    public async Task WorkOffAsync(HierEmbedPipeline? pipeline = null)
    {
        await using InProcessEngine engine = Engine(pipeline);
        engine.Start();
        await WorkedOffAsync();
    }

    public async Task WorkedOffAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        timeout.CancelAfter(Patience);
        await SmallRuns.WorkedOffAsync(OtherHost(), timeout.Token);
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        timeout.CancelAfter(Patience);
        while (!await holds())
            await Task.Delay(10, timeout.Token);
    }

    /// <summary>Names of stored results that begin with a prefix.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (ArtifactInfo info in Pipeline.Storage.Results.ListAsync(prefix, Cancellation))
            names.Add(info.Name);
        return names;
    }

    /// <summary>Names of results that are written from here on, those too that are cleared away again.</summary>
    public IReadOnlyCollection<string> WrittenResults()
    {
        var written = new ConcurrentQueue<string>();
        Results.Before = call =>
        {
            if (call.Operation == nameof(IArtifactStore.WriteAsync))
                written.Enqueue(call.Name);
            return Task.CompletedTask;
        };
        return written;
    }

    public async Task<IReadOnlyList<RunRecord>> RunsAsync(string? dataset = null)
    {
        var runs = new List<RunRecord>();
        await foreach (RunRecord run in Pipeline.Runs.ListAsync(dataset, Cancellation))
            runs.Add(run);
        return [.. runs.OrderBy(r => r.Sequence)];
    }

    /// <inheritdoc cref="StoredState.SnapshotAsync" />
    public Task<SortedDictionary<string, string>> SnapshotAsync(string prefix = "") => StoredState.SnapshotAsync(Pipeline.Storage.Results, prefix);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
