using System.Text;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class EngineTests : IDisposable
{
    private readonly Bench bench = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_HundredShards_OneListingOneRunOneModel()
    {
        // Longer than a busy machine lets an upload wait.
        bench.Options.QuietPeriod = TimeSpan.FromSeconds(3);
        int listings = 0;
        bench.Uploads.Before = call =>
        {
            if (call is { Operation: nameof(IArtifactStore.ListAsync), Name: "words/" })
                Interlocked.Increment(ref listings);
            return Task.CompletedTask;
        };
        await using InProcessEngine engine = bench.Engine();
        engine.Start();

        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe));
        for (int shard = 0; shard < 100; shard++)
        {
            await bench.UploadAsync($"words/{shard:D3}.npy", SmallRows.Npy(4, shard));
            await Task.Delay(5, Cancellation);
        }
        await bench.WorkedOffAsync();

        Assert.Equal(1, listings);
        RunRecord run = Assert.Single(await bench.RunsAsync());
        Assert.Equal((RunState.Published, 100, 400L), (run.State, run.Files, run.Rows!.Total));
        Assert.Single(await bench.Pipeline.Models.ListVersionsAsync("words", Cancellation));
    }

    [Fact]
    public async Task Start_UploadDuringARun_LeadsToASecondRun()
    {
        await bench.UploadDatasetAsync("words");
        bool once = false;
        bench.Results.Before = async call =>
        {
            if (once || !call.Name.EndsWith(Layout.EncoderFile, StringComparison.Ordinal))
                return;
            once = true;
            string before = (await bench.OtherHost().Markers.FindAsync("words", Cancellation))!.ETag;
            await bench.UploadAsync("words/b.npy", SmallRows.Npy(60, 2));
            // The scanner sees it while the run is at work.
            await Bench.UntilAsync(async () => (await bench.OtherHost().Markers.FindAsync("words", Cancellation))?.ETag != before);
        };

        await bench.WorkOffAsync();

        IReadOnlyList<RunRecord> runs = await bench.RunsAsync();
        Assert.Equal([RunState.Published, RunState.Published], runs.Select(r => r.State));
        Assert.Equal([1, 2], runs.Select(r => r.Files));
        Assert.Equal(runs[1].ModelVersion, (await bench.Pipeline.Models.FindLatestAsync("words", Cancellation)).Value!.Version);
    }

    [Fact]
    public async Task Start_MarkerLeftBehindByAnother_IsSwept()
    {
        await bench.UploadDatasetAsync("words", rows: 40);
        await using InProcessEngine engine = bench.Engine();
        engine.Start();
        await bench.WorkedOffAsync();
        RunRecord failed = Assert.Single(await bench.RunsAsync());
        Assert.Equal(RunState.Failed, failed.State);

        // No file has changed: what another host asks for, and what a watcher leaves that is killed.
        bench.Options.MinRows = 30;
        await bench.OtherHost().Runs.RestartAsync(failed.RunId, Cancellation);
        await bench.OtherHost().Markers.MarkAsync("words", Cancellation);
        await bench.WorkedOffAsync();

        Assert.Equal(RunState.Published, Assert.Single(await bench.RunsAsync()).State);
    }

    [Fact]
    public async Task Start_UploadsCannotBeListed_MarkersAreSweptAllTheSame()
    {
        await bench.UploadDatasetAsync("words");
        bench.Uploads.Before = call => call is { Operation: nameof(IArtifactStore.ListAsync), Name: "" } ? throw new IOException("too many") : Task.CompletedTask;
        await bench.Pipeline.Markers.MarkAsync("words", Cancellation);

        await bench.WorkOffAsync();

        Assert.Equal(RunState.Published, Assert.Single(await bench.RunsAsync()).State);
    }

    [Fact]
    public async Task Dispose_DuringARun_LeavesItToTheNextStart()
    {
        bench.Options.StepBudget = TimeSpan.Zero;
        await bench.UploadDatasetAsync("words");
        InProcessEngine first = bench.Engine();
        var stopping = new TaskCompletionSource<Task>();
        bench.Results.After = call =>
        {
            // From within the run, so that it cannot end before.
            if (call.Operation == nameof(IArtifactStore.WriteAsync) && call.Name.EndsWith("000003.safetensors", StringComparison.Ordinal))
                stopping.TrySetResult(first.DisposeAsync().AsTask());
            return Task.CompletedTask;
        };
        first.Start();
        await await stopping.Task.WaitAsync(Bench.Patience, Cancellation);

        RunRecord stopped = Assert.Single(await bench.RunsAsync());
        int chunks = 0;
        bench.Results.After = call =>
        {
            if (call.Changes && call.Name.Contains("/checkpoints/", StringComparison.Ordinal) && call.Operation == nameof(IArtifactStore.WriteAsync))
                chunks++;
            return Task.CompletedTask;
        };
        await bench.WorkOffAsync();

        Assert.Equal(RunState.Running, stopped.State);
        Assert.Equal((stopped.RunId, RunState.Published), (Assert.Single(await bench.RunsAsync()).RunId, (await bench.RunsAsync())[0].State));
        // Nine chunks in all, four at least done before: none twice.
        Assert.InRange(chunks, 1, 5);
        await first.WakeAsync("words", Cancellation);
    }

    public void Dispose() => bench.Dispose();
}
