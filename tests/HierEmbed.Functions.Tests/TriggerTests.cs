using HierEmbed.Functions.Tests.Support;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Functions.Tests;

/// <summary>What the notices of uploads lead to, in whatever order, number and company they come.</summary>
public sealed class TriggerTests : IAsyncDisposable
{
    private readonly App app = new();
    private readonly PlayedHost host;

    public TriggerTests() => host = new PlayedHost(app);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        app.Dispose();
    }

    [Fact]
    public async Task Upload_NoticeComesTwice_OneWatcherOneRun()
    {
        await app.UploadDatasetAsync("docs");
        await host.UploadedAsync("docs/a.npy");
        await host.UploadedAsync("docs/a.npy");
        await host.PlayAsync();

        Assert.Equal(RunState.Published, Assert.Single(await host.RunsAsync()).State);
        Assert.Single(host.Client.Scheduled);
    }

    [Fact]
    public async Task Upload_NoticeComesAgainAfterTheRun_TrainsNothing()
    {
        await app.UploadDatasetAsync("docs");
        await host.UploadedAsync("docs/a.npy");
        await host.PlayAsync();
        RunRecord run = Assert.Single(await host.RunsAsync());
        int trained = Called(StepNames.TrainChunk);

        await host.UploadedAsync("docs/a.npy");
        await host.PlayAsync();

        Assert.Equal(2, host.Client.Scheduled.Count);
        RunRecord after = Assert.Single(await host.RunsAsync());
        Assert.Equal((run.RunId, run.Sequence, run.State, run.UpdatedAt), (after.RunId, after.Sequence, after.State, after.UpdatedAt));
        Assert.Equal(trained, Called(StepNames.TrainChunk));
        await RequireNoMarkerAsync();
    }

    [Fact]
    public async Task Uploads_NoticesOutOfOrder_TrainWhatIsThereOnce()
    {
        await app.UploadDatasetAsync("docs");
        await app.UploadAsync("docs/b.npy", SmallRows.Npy(40, seed: 2));
        await app.UploadAsync("docs/b.npy", SmallRows.Npy(50, seed: 3));
        // The last upload's notice first; that of the first, and of the state that was replaced, when all is trained.
        await host.UploadedAsync("docs/b.npy");
        await host.UploadedAsync("docs/training.json");
        await host.PlayAsync();
        await host.UploadedAsync("docs/b.npy");
        await host.UploadedAsync("docs/a.npy");
        await host.PlayAsync();

        RunRecord run = Assert.Single(await host.RunsAsync());
        Assert.Equal((RunState.Published, 2, 170L), (run.State, run.Files, run.Rows!.Total));
    }

    [Fact]
    public async Task Upload_DeletedAfterItsNotice_NoRunAndNoFailure()
    {
        await app.UploadAsync("docs/a.npy", SmallRows.Npy(60, seed: 1));
        await host.UploadedAsync("docs/a.npy");
        await app.Storage.Uploads.DeleteAsync("docs/a.npy", null, Cancellation);
        await host.PlayAsync();

        Assert.Empty(await host.RunsAsync());
        Assert.Empty(await app.ResultsAsync("failures/"));
        await RequireNoMarkerAsync();
    }

    [Fact]
    public async Task Upload_DeletedBetweenListingAndPacking_SupersededAndTheRestIsTrained()
    {
        await app.UploadDatasetAsync("docs");
        await app.UploadAsync("docs/b.npy", SmallRows.Npy(40, seed: 2));
        host.Before = async activity =>
        {
            if (activity == StepNames.BeginRun)
                await app.Storage.Uploads.DeleteAsync("docs/b.npy", null, Cancellation);
        };
        await host.UploadedAsync("docs/b.npy");
        await host.PlayAsync();

        Assert.Equal([(RunState.Superseded, 2), (RunState.Published, 1)], (await host.RunsAsync()).Select(run => (run.State, run.Files)));
        Assert.Empty(await app.ResultsAsync("failures/"));
    }

    [Fact]
    public async Task Uploads_HundredShards_OneListingOneModel()
    {
        host.DeliversTwice = false;
        int listings = 0;
        app.Uploads.Before = call =>
        {
            listings += call.Operation == nameof(IArtifactStore.ListAsync) ? 1 : 0;
            return Task.CompletedTask;
        };
        await app.UploadAsync("docs/training.json", System.Text.Encoding.UTF8.GetBytes(SmallRows.Recipe));
        for (int shard = 0; shard < 100; shard++)
        {
            await app.UploadAsync($"docs/{shard:D3}.npy", SmallRows.Npy(2, shard));
            await host.UploadedAsync($"docs/{shard:D3}.npy");
        }
        await host.PlayAsync();

        RunRecord run = Assert.Single(await host.RunsAsync());
        Assert.Equal((RunState.Published, 100, 200L), (run.State, run.Files, run.Rows!.Total));
        Assert.Single(await new Storage.Models.ModelStore(app.Storage.Results, TimeProvider.System).ListVersionsAsync("docs", Cancellation));
        Assert.Single(host.Client.Scheduled);
        // A listing looks in two places: the dataset's folder, and files that are a dataset by themselves.
        Assert.Equal(1, Called(StepNames.PlanRun));
        Assert.Equal(2, listings);
    }

    [Fact]
    public async Task Upload_DuringARun_LeadsToASecondRun()
    {
        await app.UploadDatasetAsync("docs");
        bool uploaded = false;
        host.Before = async activity =>
        {
            if (activity != StepNames.ExportModel || uploaded)
                return;
            uploaded = true;
            await app.UploadAsync("docs/b.npy", SmallRows.Npy(40, seed: 2));
            await host.UploadedAsync("docs/b.npy");
        };
        await host.UploadedAsync("docs/a.npy");
        await host.PlayAsync();

        IReadOnlyList<RunRecord> runs = await host.RunsAsync();
        Assert.Equal([(RunState.Published, 1), (RunState.Published, 2)], runs.Select(run => (run.State, run.Files)));
        Assert.Single(host.Client.Scheduled);
        await RequireNoMarkerAsync();
    }

    [Fact]
    public async Task Upload_BetweenTheWatchersLastLookAndItsEnd_IsFoundByTheSweep()
    {
        await app.UploadDatasetAsync("docs");
        bool uploaded = false;
        host.After = async activity =>
        {
            if (activity != StepNames.ClearMarker || uploaded)
                return;
            uploaded = true;
            await app.UploadAsync("docs/b.npy", SmallRows.Npy(40, seed: 2));
            // The watcher is at work still, so this starts none; and it will not look again.
            await host.UploadedAsync("docs/b.npy");
        };
        await host.UploadedAsync("docs/a.npy");
        await host.PlayAsync();
        Assert.Single(await host.RunsAsync());
        Assert.Single(host.Client.Scheduled);

        await host.SweepAsync();
        await host.PlayAsync();

        Assert.Equal([1, 2], (await host.RunsAsync()).Select(run => run.Files));
        Assert.Equal(2, host.Client.Scheduled.Count);
        await RequireNoMarkerAsync();
    }

    [Fact]
    public async Task Uploads_TwoNoticesAtOnce_OneWatcherAndTheOtherIsRefusedInSilence()
    {
        await app.UploadDatasetAsync("docs");
        var bothLooked = new TaskCompletionSource();
        int looks = 0;
        host.Client.AfterLook = _ =>
        {
            if (Interlocked.Increment(ref looks) == 2)
                bothLooked.SetResult();
            return bothLooked.Task;
        };
        await Task.WhenAll(host.UploadedAsync("docs/a.npy"), host.UploadedAsync("docs/training.json"));

        Assert.Equal("watch-docs", Assert.Single(host.Client.Scheduled).InstanceId);
        Assert.Equal(1, host.Client.Refused);
        await host.PlayAsync();
        Assert.Equal(RunState.Published, Assert.Single(await host.RunsAsync()).State);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public async Task Upload_MarkerCannotBePut_IsTriedForAMinuteAndThenLeftToTheHost(int faults, bool marked)
    {
        int tries = 0;
        using var disturbed = new App(app.Folder, inner => new ObservedStore(inner)
        {
            Before = call => call.Changes && call.Name == Layout.Dirty("docs") && tries++ < faults ? throw new IOException("forbidden") : Task.CompletedTask,
        });
        await using var disturbedHost = new PlayedHost(disturbed);
        await disturbed.UploadDatasetAsync("docs");

        if (marked)
            await disturbedHost.UploadedAsync("docs/a.npy");
        else
            await Assert.ThrowsAsync<IOException>(() => disturbedHost.UploadedAsync("docs/a.npy"));

        Assert.Equal(6, tries);
        Assert.Equal(marked ? 1 : 0, disturbedHost.Client.Scheduled.Count);
    }

    /// <summary>A trigger that throws is called again, and its notice ends in the poison queue; nothing about these will mend.</summary>
    [Theory]
    [InlineData("docs//a.npy", "invalid-request")]
    [InlineData("/a.npy", "invalid-dataset-name")]
    [InlineData(@"docs\a.npy", "invalid-dataset-name")]
    [InlineData(@"docs/a\b.npy", "invalid-request")]
    [InlineData("docs/\0.npy", "invalid-request")]
    [InlineData("My Docs//a.npy", "invalid-dataset-name")]
    public async Task Upload_NameThatNoArtifactHas_IsRefusedAndSaidSo(string name, string code)
    {
        await host.UploadedAsync(name);
        await host.UploadedAsync(name);

        Assert.Empty(host.Client.Scheduled);
        await RequireNoMarkerAsync();
        string failure = Assert.Single(await app.ResultsAsync("failures/"));
        Assert.Contains(code, failure, StringComparison.Ordinal);
        Assert.Contains(app.Log.Lines, line => line.StartsWith($"Error: Upload {name} is ignored: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Upload_OverlongName_IsRefused()
    {
        await host.UploadedAsync($"docs/{new string('a', 900)}.npy");
        Assert.InRange(Assert.Single(await app.ResultsAsync("failures/")).Length, 50, 600);
        Assert.Empty(host.Client.Scheduled);
    }

    [Fact]
    public async Task Upload_FolderThatAToolLeaves_IsNone()
    {
        await host.UploadedAsync("docs/");
        Assert.Empty(await app.ResultsAsync(""));
        Assert.Empty(host.Client.Scheduled);
    }

    [Fact]
    public async Task Dataset_RefusedBeforeItHasARun_IsLoggedOnceARound()
    {
        await app.UploadAsync("docs.npy", SmallRows.Npy(60, seed: 1));
        await app.UploadAsync("docs/a.npy", SmallRows.Npy(60, seed: 2));
        await host.UploadedAsync("docs.npy");
        await host.PlayAsync();

        Assert.Empty(await host.RunsAsync());
        Assert.Contains("ambiguous-dataset", Assert.Single(await app.ResultsAsync("failures/docs/")), StringComparison.Ordinal);
        string line = Assert.Single(app.Log.Lines, line => line.Contains("cannot be trained", StringComparison.Ordinal));
        Assert.StartsWith("Error: Dataset docs cannot be trained: docs.npy and the folder docs/ both claim", line, StringComparison.Ordinal);
        await RequireNoMarkerAsync();
    }

    [Fact]
    public async Task Upload_AboveMaxFileBytes_FailsWithTheLimitBeforeAnythingIsRead()
    {
        using var small = new App(app.Folder, store => store, ("HierEmbed:MaxFileBytes", "1000"));
        await using var smallHost = new PlayedHost(small);
        await small.UploadDatasetAsync("docs");
        await smallHost.UploadedAsync("docs/a.npy");
        await smallHost.PlayAsync();

        RunRecord run = Assert.Single(await smallHost.RunsAsync());
        Assert.Equal((RunState.Failed, "too-large"), (run.State, run.Problem!.Code));
        Assert.Contains("docs/a.npy", run.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains("1000", run.Problem.Detail, StringComparison.Ordinal);
        Assert.Single(await small.ResultsAsync($"failures/docs/{run.RunId}"));
        Assert.DoesNotContain(smallHost.Calls, call => call.Name == StepNames.PackFile);
    }

    [Fact]
    public async Task Sweep_UploadsContainerIsMissing_SaysSoOnceAndWhenItHasCome()
    {
        string uploads = Path.Combine(app.Folder.Path, "embeddings");
        Directory.Delete(uploads, recursive: true);
        await host.SweepAsync();
        await host.SweepAsync();
        Assert.Equal("Warning: The container embeddings is not there: make it and upload embedding files to it. It is looked for again", Assert.Single(AboutTheContainer()));

        Directory.CreateDirectory(uploads);
        await host.SweepAsync();
        Assert.Equal(["Warning", "Information"], AboutTheContainer().Select(line => line.Split(':')[0]));
    }

    private IEnumerable<string> AboutTheContainer() => app.Log.Lines.Where(line => line.Contains("container", StringComparison.Ordinal));

    private int Called(string activity) => host.Calls.Count(call => call.Name == activity);

    private async Task RequireNoMarkerAsync() => Assert.Empty(await app.Get<DirtyMarkers>().ListAsync(Cancellation));
}
