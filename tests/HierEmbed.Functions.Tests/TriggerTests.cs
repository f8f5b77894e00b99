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
            // A file of labels beside the data is looked for by its name, also when all is listed.
            listings += call.Operation == nameof(IArtifactStore.ListAsync) && !call.Name.StartsWith("docs/labels.", StringComparison.Ordinal) ? 1 : 0;
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
        host.Before = UploadOnceAt(StepNames.ExportModel);
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
        // The watcher is at work still, so the notice starts none; and it will not look again.
        host.After = UploadOnceAt(StepNames.ClearMarker);
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

    /// <summary>Uploads another file the first time that an activity is met.</summary>
    private Func<string, Task> UploadOnceAt(string activity)
    {
        bool uploaded = false;
        return async met =>
        {
            if (met != activity || uploaded)
                return;
            uploaded = true;
            await app.UploadAsync("docs/b.npy", SmallRows.Npy(40, seed: 2));
            await host.UploadedAsync("docs/b.npy");
        };
    }

    private int Called(string activity) => host.Calls.Count(call => call.Name == activity);

    private async Task RequireNoMarkerAsync() => Assert.Empty(await app.Get<DirtyMarkers>().ListAsync(Cancellation));
}
