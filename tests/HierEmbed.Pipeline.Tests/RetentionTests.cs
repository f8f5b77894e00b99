using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class RetentionTests : IDisposable
{
    private readonly Bench bench = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Train_KeepVersions_DropsTheOldest()
    {
        bench.Options.KeepVersions = 2;
        string[] versions = [await PublishAsync(1), await PublishAsync(2), await PublishAsync(3)];

        Assert.Equal(versions[1..].Order(), (await VersionsAsync()).Order());
        Assert.Empty(await bench.NamesAsync(Layout.Version("words", versions[0])));
    }

    [Fact]
    public async Task Train_KeepVersionsAndRolledBack_ServedVersionStays()
    {
        bench.Options.KeepVersions = 2;
        string first = await PublishAsync(1);
        string second = await PublishAsync(2);
        await bench.Pipeline.Models.RollBackAsync("words", first, Cancellation);
        await bench.UploadDatasetAsync("words", rows: 20);

        Assert.Equal(RunState.Failed, (await bench.TrainAsync("words")).State);
        Assert.Equal(new[] { first, second }.Order(), (await VersionsAsync()).Order());

        bench.Options.KeepVersions = 1;
        Assert.Null(await bench.PlanAsync("words"));
        Assert.Equal([first], await VersionsAsync());
    }

    [Fact]
    public async Task Train_KeepBytes_OnlyTheServedVersionStays()
    {
        bench.Options.KeepBytes = 1;
        await PublishAsync(1);
        string second = await PublishAsync(2);

        Assert.Equal([second], await VersionsAsync());
    }

    [Fact]
    public async Task Train_KeepRuns_DropsTheOldestWithTheirFailures()
    {
        bench.Options.KeepRuns = 2;
        await bench.UploadDatasetAsync("words", rows: 20);
        RunRecord failed = await bench.TrainAsync("words");
        Assert.Single(await bench.NamesAsync("failures/words/"));
        await PublishAsync(1);
        await PublishAsync(2);

        Assert.Equal(2, (await bench.RunsAsync("words")).Count);
        Assert.Empty(await bench.NamesAsync(Layout.Run(failed.RunId)));
        Assert.Empty(await bench.NamesAsync("failures/words/"));
    }

    [Fact]
    public async Task Retention_AnotherRunIsAboutToPublish_ItsVersionStays()
    {
        bench.Options.KeepVersions = 1;
        await PublishAsync(1);
        await bench.UploadDatasetAsync("words", seed: 2);
        string runId = (await bench.PlanAsync("words"))!;
        // Between the manifest and the pointer another host ends an older run, and clears up.
        bool once = false;
        bench.Results.After = async call =>
        {
            if (once || !call.Changes || !call.Name.EndsWith("/manifest.json", StringComparison.Ordinal))
                return;
            once = true;
            await new Steps.Retention(bench.Pipeline.Storage, bench.Pipeline.Runs, bench.Pipeline.Models, bench.Options, TimeProvider.System).ApplyAsync("words", Cancellation);
        };

        RunRecord run = await bench.RunAsync(runId);

        Assert.True(once);
        Assert.Equal(RunState.Published, run.State);
        Assert.Equal([run.ModelVersion], await VersionsAsync());
    }

    [Fact]
    public async Task Retention_VersionWithoutManifest_GoesOnceItIsOldAndNobodyWorksOnIt()
    {
        await bench.UploadDatasetAsync("words");
        string runId = (await bench.PlanAsync("words"))!;
        bench.Results.After = call => call.Changes && call.Name.EndsWith(Layout.EncoderFile, StringComparison.Ordinal)
            ? bench.Pipeline.Runs.RequestCancelAsync(runId, Cancellation)
            : Task.CompletedTask;
        await bench.RunAsync(runId);
        string encoder = Assert.Single(await bench.NamesAsync("models/"), name => name.EndsWith(Layout.EncoderFile, StringComparison.Ordinal));

        Assert.Null(await bench.PlanAsync("words"));
        Assert.Contains(encoder, await bench.NamesAsync("models/"));
        foreach (string name in await bench.NamesAsync("models/"))
            File.SetLastWriteTimeUtc(Path.Combine(bench.Root, bench.Options.ResultsContainer, name), DateTime.UtcNow.AddHours(-2));
        Assert.Null(await bench.PlanAsync("words"));

        Assert.Empty(await bench.NamesAsync("models/"));
    }

    [Fact]
    public async Task Plan_KilledRightAfterTheOutcome_ClearsUpAtTheNextLook()
    {
        await bench.UploadDatasetAsync("words");
        string runId = (await bench.PlanAsync("words"))!;
        bench.Results.Before = call => call is { Operation: nameof(IArtifactStore.DeleteAsync) } && call.Name.StartsWith(Layout.Blocks(runId), StringComparison.Ordinal)
            ? throw new IOException("killed here")
            : Task.CompletedTask;
        await Assert.ThrowsAsync<IOException>(() => bench.RunAsync(runId));
        Assert.NotEmpty(await bench.NamesAsync(Layout.Blocks(runId)));
        bench.Results.Before = _ => Task.CompletedTask;

        Assert.Null(await bench.PlanAsync("words"));

        Assert.Empty(await bench.NamesAsync(Layout.Blocks(runId)));
        Assert.Empty(await bench.NamesAsync(Layout.Checkpoints(runId)));
    }

    private async Task<string> PublishAsync(int seed)
    {
        await bench.UploadDatasetAsync("words", seed: seed);
        RunRecord run = await bench.TrainAsync("words");
        Assert.Equal(RunState.Published, run.State);
        return run.ModelVersion!;
    }

    private async Task<IEnumerable<string>> VersionsAsync() => (await bench.Pipeline.Models.ListVersionsAsync("words", Cancellation)).Select((ModelManifest m) => m.Version);

    public void Dispose() => bench.Dispose();
}
