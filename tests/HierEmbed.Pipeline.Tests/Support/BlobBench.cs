using System.Security.Cryptography;
using System.Text;
using HierEmbed.Azurite;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Blobs;
using HierEmbed.Storage.Runs;
using HierEmbed.Storage.Tests.Blobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>Two containers of their own on the tests' blob service, and pipelines on them whose network a test disturbs.</summary>
internal sealed class BlobBench
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly AzuriteServer azurite;

    public BlobBench(AzuriteServer azurite, HierEmbedOptions? options = null)
    {
        this.azurite = azurite;
        Options = options ?? SmallRuns.OnePiece;
        string name = TestContainers.NewName();
        (Options.UploadsContainer, Options.ResultsContainer) = ($"{name}-in", $"{name}-out");
        Direct = Open();
    }

    public HierEmbedOptions Options { get; }

    /// <summary>A pipeline whose network is never disturbed.</summary>
    public HierEmbedPipeline Direct { get; }

    public IArtifactStore Results => Direct.Storage.Results;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A pipeline of another host.</summary>
    /// <param name="faults">What its calls meet.</param>
    /// <param name="observe">Wraps its results container.</param>
    /// <param name="observeUploads">Wraps its uploads container.</param>
    public HierEmbedPipeline Open(CallFaults? faults = null, Func<IArtifactStore, IArtifactStore>? observe = null, Func<IArtifactStore, IArtifactStore>? observeUploads = null)
    {
        FaultTransport? network = faults?.Network();
        IArtifactStore Store(string container) => new BlobStore(TestContainers.Client(azurite, container, network, policy: faults));
        IArtifactStore uploads = Store(Options.UploadsContainer);
        IArtifactStore results = Store(Options.ResultsContainer);
        return new HierEmbedPipeline(new HierEmbedStorage(observeUploads?.Invoke(uploads) ?? uploads, observe?.Invoke(results) ?? results), Options, TimeProvider.System);
    }

    public static InProcessEngine Engine(HierEmbedPipeline pipeline, ILogger? logger = null) =>
        new(pipeline, TimeProvider.System, logger ?? NullLogger.Instance, new StepRetry(5, TimeSpan.FromMilliseconds(5)));

    public async Task UploadAsync(string name, byte[] content) => await Direct.Storage.Uploads.WriteBytesAsync(name, content, WriteCondition.Always, Cancellation);

    /// <summary>A dataset of one file and a recipe.</summary>
    public async Task UploadDatasetAsync(string dataset, int rows = 120)
    {
        await UploadAsync($"{dataset}/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe));
        await UploadAsync($"{dataset}/a.npy", SmallRows.Npy(rows, seed: 1));
    }

    /// <summary>Runs a host until all is worked off, and requires all the while that what is served is whole.</summary>
    public async Task WorkOffAsync(HierEmbedPipeline pipeline)
    {
        var log = new RecordedLog();
        await using InProcessEngine engine = Engine(pipeline, log);
        engine.Start();
        try
        {
            await WorkedOffAsync();
        }
        catch (OperationCanceledException) when (!Cancellation.IsCancellationRequested)
        {
            string said = string.Join('\n', [.. await RunsAsync(), .. await NamesAsync(Layout.DirtyPrefix), .. log.Lines.TakeLast(20)]);
            throw new TimeoutException($"After {Patience} there is work left:\n{said}");
        }
    }

    public async Task WorkedOffAsync()
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(Patience);
        Task watching = RequireWholeAsync(done.Token);
        await SmallRuns.WorkedOffAsync(Direct, patience.Token);
        await done.CancelAsync();
        await watching;
    }

    public async Task<IReadOnlyList<RunRecord>> RunsAsync()
    {
        var runs = new List<RunRecord>();
        await foreach (RunRecord run in Direct.Runs.ListAsync(null, Cancellation))
            runs.Add(run);
        return [.. runs.OrderBy(run => run.Sequence)];
    }

    public async Task<IReadOnlyList<string>> NamesAsync(string prefix) => [.. (await StoredState.SnapshotAsync(Results, prefix)).Keys];

    public async Task<LatestPointer> LatestAsync(string dataset) => (await Direct.Models.FindLatestAsync(dataset, Cancellation)).Value!;

    /// <summary>Looks again and again, at least once, at whatever is pointed at: its manifest and every file that it names are there and are what it says.</summary>
    public async Task RequireWholeAsync(CancellationToken until)
    {
        do
        {
            foreach (string dataset in await Direct.Models.ListAsync(Cancellation))
            {
                LatestPointer latest = await LatestAsync(dataset);
                ModelManifest? manifest = await Direct.Models.FindManifestAsync(dataset, latest.Version, Cancellation);
                Assert.NotNull(manifest);
                foreach ((string file, string sha256) in manifest.Files)
                    Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(await Results.ReadBytesAsync(Layout.Version(dataset, latest.Version) + file, Cancellation))));
            }
            await Task.Delay(50, CancellationToken.None);
        }
        while (!until.IsCancellationRequested);
    }
}
