using System.Text;
using HierEmbed.Azurite;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

/// <summary>Whole runs on a real blob service.</summary>
public sealed class BlobRunTests(AzuriteServer azurite)
{
    private readonly BlobBench bench = new(azurite);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Host_OnBlobs_PublishesTheModelThatItPublishesOnAFolder(bool manyPieces)
    {
        using var folder = new Bench(manyPieces ? SmallRuns.ManyPieces : SmallRuns.OnePiece);
        var blobs = new BlobBench(azurite, manyPieces ? SmallRuns.ManyPieces : SmallRuns.OnePiece);
        (string Name, byte[] Content)[] uploads = [
            ("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe)), ("words/a.npy", SmallRows.Npy(150, 1)), ("words/part/b.npy", SmallRows.Npy(60, 2))];
        foreach ((string name, byte[] content) in uploads)
        {
            await folder.UploadAsync(name, content);
            await blobs.UploadAsync(name, content);
        }

        await folder.WorkOffAsync();
        await blobs.WorkOffAsync(blobs.Open());

        RunRecord run = Assert.Single(await blobs.RunsAsync());
        Assert.Equal((RunState.Published, 2, 210L), (run.State, run.Files, run.Rows!.Total));
        Assert.Equal(Assert.Single(await folder.RunsAsync()).ModelVersion, run.ModelVersion);
        Assert.Equal((run.ModelVersion, run.RunId), ((await blobs.LatestAsync("words")).Version, (await blobs.LatestAsync("words")).RunId));
        SortedDictionary<string, string> files = await BinariesAsync(blobs.Results);
        // Encoder, dictionary, and codes of each block.
        Assert.True(files.Count >= 4);
        Assert.Equal(await BinariesAsync(folder.Pipeline.Storage.Results), files);
        foreach (string prefix in (string[])["failures/", Layout.DirtyPrefix, Layout.Blocks(run.RunId), Layout.Checkpoints(run.RunId)])
            Assert.Empty(await blobs.NamesAsync(prefix));
    }

    [Fact]
    public async Task Host_UploadGoesBetweenListingAndPacking_SupersededAndTheRestIsTrained()
    {
        await bench.UploadDatasetAsync("words");
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(60, 2));

        await bench.WorkOffAsync(bench.Open(observeUploads: inner => new ObservedStore(inner)
        {
            Before = call => call is { Operation: nameof(IArtifactStore.OpenReadAsync), Name: "words/b.npy" } ? inner.DeleteAsync(call.Name, null, Cancellation) : Task.CompletedTask,
        }));

        Assert.Equal([(RunState.Superseded, 2), (RunState.Published, 1)], (await bench.RunsAsync()).Select(run => (run.State, run.Files)));
        Assert.Empty(await bench.NamesAsync("failures/"));
    }

    [Fact]
    public async Task Host_UploadIsNoEmbeddingFile_FailsWithItsName()
    {
        await bench.UploadDatasetAsync("words");
        await bench.UploadAsync("words/b.npy", [1, 2, 3]);

        await bench.WorkOffAsync(bench.Open());

        RunRecord run = Assert.Single(await bench.RunsAsync());
        Assert.Equal((RunState.Failed, "misnamed-file"), (run.State, run.Problem!.Code));
        Assert.Contains("words/b.npy", run.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal([Layout.Failure("words", run.RunId)], await bench.NamesAsync("failures/"));
    }

    [Fact]
    public async Task Host_UploadsContainerIsMissing_SaysSoAndTakesItUpWhenItIsThere()
    {
        var log = new RecordedLog();
        await using InProcessEngine engine = BlobBench.Engine(bench.Open(), log);
        engine.Start();
        await Bench.UntilAsync(() => Task.FromResult(Said().Any()));

        await bench.UploadDatasetAsync("words");
        await bench.WorkedOffAsync();

        Assert.Equal(RunState.Published, Assert.Single(await bench.RunsAsync()).State);
        Assert.Equal([$"Warning: The container {bench.Options.UploadsContainer} is not there: make it and upload embedding files to it. It is looked for again",
            $"Information: The container {bench.Options.UploadsContainer} is there now"], Said());

        IEnumerable<string> Said() => log.Lines.Where(line => line.Contains("The container", StringComparison.Ordinal));
    }

    /// <summary>Both have seen no pointer when they write theirs, so one of them is refused and must look again.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Publish_TwoRunsOfOneDatasetAtOnce_NewerIsServedWhole(bool olderFirst)
    {
        await bench.UploadDatasetAsync("words");
        RunRecord older = await CreateAsync();
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(60, 2));
        RunRecord newer = await CreateAsync();
        var bothWrite = new TaskCompletionSource();
        var firstHasWritten = new TaskCompletionSource();
        int writing = 0;
        HierEmbedPipeline Host(bool first)
        {
            bool isFirstTry = true;
            return bench.Open(observe: inner => new ObservedStore(inner)
            {
                Before = async call =>
                {
                    if (call is not { Operation: nameof(IArtifactStore.WriteAsync) } || call.Name != Layout.Latest("words") || !isFirstTry)
                        return;
                    isFirstTry = false;
                    if (Interlocked.Increment(ref writing) == 2)
                        bothWrite.SetResult();
                    await bothWrite.Task;
                    if (!first)
                        await firstHasWritten.Task;
                },
                After = call =>
                {
                    if (first && call is { Operation: nameof(IArtifactStore.WriteAsync) } && call.Name == Layout.Latest("words"))
                        firstHasWritten.TrySetResult();
                    return Task.CompletedTask;
                },
            });
        }

        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task watching = bench.RequireWholeAsync(done.Token);
        await using (InProcessEngine olderEngine = BlobBench.Engine(Host(olderFirst)))
        await using (InProcessEngine newerEngine = BlobBench.Engine(Host(!olderFirst)))
        {
            RunRecord[] ended = await Task.WhenAll(olderEngine.TrainAsync(older.RunId, Cancellation), newerEngine.TrainAsync(newer.RunId, Cancellation));
            (older, newer) = (ended[0], ended[1]);
        }
        await done.CancelAsync();
        await watching;

        Assert.Equal((olderFirst ? RunState.Published : RunState.Superseded, RunState.Published), (older.State, newer.State));
        Assert.NotEqual(older.ModelVersion, newer.ModelVersion);
        Core.Models.LatestPointer latest = await bench.LatestAsync("words");
        Assert.Equal((newer.ModelVersion, newer.Sequence, newer.RunId), (latest.Version, latest.Sequence, latest.RunId));
    }

    private async Task<RunRecord> CreateAsync()
    {
        DatasetListing listing = await bench.Direct.Datasets.ListAsync("words", Cancellation);
        return await bench.Direct.Runs.CreateAsync(listing, Cancellation);
    }

    private static async Task<SortedDictionary<string, string>> BinariesAsync(IArtifactStore results)
    {
        SortedDictionary<string, string> files = await StoredState.SnapshotAsync(results, Layout.ModelsPrefix);
        // Records and the report hold run ids, which follow from ETags, and hashes of figures with a rate.
        foreach (string name in files.Keys.Where(name => name.EndsWith(".json", StringComparison.Ordinal) || name.EndsWith(".html", StringComparison.Ordinal)).ToArray())
            files.Remove(name);
        return files;
    }
}
