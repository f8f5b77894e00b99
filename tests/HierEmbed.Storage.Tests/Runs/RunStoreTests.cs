using HierEmbed.Core.Errors;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Folders;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Storage.Tests.Runs;

public sealed class RunStoreTests : IDisposable
{
    private static readonly DatasetListing Listing = new("data", [new DatasetFile("data/a.npy", 10, "e")], null);
    private readonly TemporaryFolder folder = new();
    private readonly FolderStore results;
    private readonly RunStore runs;

    public RunStoreTests()
    {
        results = new FolderStore(folder.Path);
        runs = new RunStore(results, TimeProvider.System);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Create_ByManyAtOnce_AllSeeOneRecord()
    {
        RunRecord[] seen = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => runs.CreateAsync(Listing, Cancel))));
        Assert.Single(seen.Distinct());
        Assert.Equal(RunState.Queued, seen[0].State);
        DatasetListing stored = await runs.ListingAsync(seen[0].RunId, Cancel);
        Assert.Equal(Listing.Files, stored.Files);
        Assert.Equal(Listing.RunId(), stored.RunId());
    }

    [Fact]
    public async Task Create_LaterListing_HasAHigherSequence()
    {
        RunRecord first = await runs.CreateAsync(Listing, Cancel);
        RunRecord second = await runs.CreateAsync(Listing with { TrainingJson = [1] }, Cancel);
        Assert.True(second.Sequence > first.Sequence);
        Assert.Equal(first, await runs.CreateAsync(Listing, Cancel));
    }

    [Fact]
    public async Task Update_ByManyAtOnce_LosesNothing()
    {
        string runId = (await runs.CreateAsync(Listing, Cancel)).RunId;
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(
            () => runs.UpdateAsync(runId, found => found with { Files = found.Files + 1 }, Cancel))));
        Assert.Equal(21, (await runs.FindAsync(runId, Cancel))!.Files);
    }

    [Fact]
    public async Task Update_NoChangeOrNoRun_WritesNothing()
    {
        RunRecord run = await runs.CreateAsync(Listing, Cancel);
        Assert.Equal(run, await runs.UpdateAsync(run.RunId, _ => null, Cancel));
        await Assert.ThrowsAsync<ArtifactNotFoundException>(() => runs.UpdateAsync("data-0", found => found, Cancel));
    }

    [Theory]
    [InlineData(RunState.Failed)]
    [InlineData(RunState.Cancelled)]
    [InlineData(RunState.Superseded)]
    public async Task Restart_EndedRun_IsQueuedAgainUnderANewSequenceAndNoLongerCancelled(RunState ended)
    {
        RunRecord run = await runs.CreateAsync(Listing, Cancel);
        await runs.RequestCancelAsync(run.RunId, Cancel);
        await runs.UpdateAsync(run.RunId, found => found with { State = ended, Step = "fit", Problem = new Problem("c", "t", 422, "d") }, Cancel);

        RunRecord again = await runs.RestartAsync(run.RunId, Cancel);

        Assert.Equal(RunState.Queued, again.State);
        Assert.Null(again.Problem);
        Assert.True(again.Sequence > run.Sequence);
        Assert.False(await runs.IsCancelRequestedAsync(run.RunId, Cancel));
    }

    [Theory]
    [InlineData(RunState.Queued)]
    [InlineData(RunState.Running)]
    [InlineData(RunState.Published)]
    [InlineData(RunState.Unchanged)]
    public async Task Restart_RunThatGoesOnOrIsDone_LeavesItAsItIs(RunState state)
    {
        RunRecord run = await runs.CreateAsync(Listing, Cancel);
        run = await runs.UpdateAsync(run.RunId, found => found with { State = state }, Cancel);
        Assert.Equal(run, await runs.RestartAsync(run.RunId, Cancel));
    }

    [Fact]
    public async Task List_RunsOfDatasetsThatShareABeginning_TakesTheDatasetsOwn()
    {
        RunRecord own = await runs.CreateAsync(Listing, Cancel);
        RunRecord other = await runs.CreateAsync(Listing with { Dataset = "data-b" }, Cancel);
        await results.WriteBytesAsync($"{Layout.Run(own.RunId)}rows/run.json", "{}"u8.ToArray(), WriteCondition.Always, Cancel);
        Assert.Equal([own], await ListAsync("data"));
        Assert.Equal(2, (await ListAsync(null)).Count);
        Assert.Equal([other], await ListAsync("data-b"));
    }

    [Fact]
    public async Task Progress_SeveralChunks_IsTheLast()
    {
        RunRecord run = await runs.CreateAsync(Listing, Cancel);
        Assert.Null(await runs.ProgressAsync(run.RunId, Cancel));
        foreach (int chunk in (int[])[0, 9, 10])
            await results.WriteJsonAsync(Layout.Progress(run.RunId, chunk), new TrainingProgress(chunk, 1, 2, 0, 1, null, false), WriteCondition.Always, Cancel);
        Assert.Equal(10, (await runs.ProgressAsync(run.RunId, Cancel))!.Chunk);
    }

    private async Task<List<RunRecord>> ListAsync(string? dataset)
    {
        var found = new List<RunRecord>();
        await foreach (RunRecord run in runs.ListAsync(dataset, Cancel))
            found.Add(run);
        return found;
    }
}
