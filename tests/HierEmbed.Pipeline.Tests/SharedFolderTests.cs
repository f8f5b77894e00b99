using HierEmbed.Pipeline.InProcess;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

/// <summary>Two hosts on one folder do not harm each other.</summary>
public sealed class SharedFolderTests : IDisposable
{
    private readonly Bench bench = new(SmallRuns.ManyPieces);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoEngines_OneFolder_PublishOneModelOnce()
    {
        await bench.UploadDatasetAsync("words", rows: 200);
        await bench.UploadDatasetAsync("other", seed: 7);

        await using (InProcessEngine first = bench.Engine())
        await using (InProcessEngine second = bench.Engine(bench.OtherHost()))
        {
            first.Start();
            second.Start();
            await bench.WorkedOffAsync();
        }

        await CheckAsync("words", "other");
    }

    [Fact]
    public async Task TwoProcesses_OneFolder_PublishOneModelOnce()
    {
        await bench.UploadDatasetAsync("words", rows: 200);

        using var first = new WorkerProcess(bench.Root);
        using var second = new WorkerProcess(bench.Root);
        (int ExitCode, string Output)[] ends = await Task.WhenAll(first.EndAsync(), second.EndAsync());

        Assert.All(ends, end => Assert.Equal(0, end.ExitCode));
        // The second to end may have stopped between the outcome and the clearing.
        await bench.Pipeline.Markers.MarkAsync("words", Cancellation);
        await bench.WorkOffAsync();
        await CheckAsync("words");
    }

    private async Task CheckAsync(params string[] datasets)
    {
        foreach (string dataset in datasets)
        {
            RunRecord run = Assert.Single(await bench.RunsAsync(dataset));
            Assert.Equal((RunState.Published, (string?)null), (run.State, run.Problem?.Detail));
            Assert.Equal(run.ModelVersion, Assert.Single(await bench.Pipeline.Models.ListVersionsAsync(dataset, Cancellation)).Version);
            Assert.Equal((run.ModelVersion, run.Sequence), ((await LatestAsync(dataset)).Version, (await LatestAsync(dataset)).Sequence));
            Assert.Empty(await bench.NamesAsync(Layout.Blocks(run.RunId)));
            Assert.Empty(await bench.NamesAsync(Layout.Checkpoints(run.RunId)));
        }
        Assert.Empty(await bench.NamesAsync("failures/"));
    }

    private async Task<Core.Models.LatestPointer> LatestAsync(string dataset) => (await bench.Pipeline.Models.FindLatestAsync(dataset, Cancellation)).Value!;

    public void Dispose() => bench.Dispose();
}
