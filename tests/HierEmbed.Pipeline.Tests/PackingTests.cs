using System.Text;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class PackingTests : IDisposable
{
    private const int FileRows = 1000;
    private readonly Bench bench = new(SmallRuns.ManyPieces);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a.npy", "npy")]
    [InlineData("a.npz", "npz")]
    [InlineData("a.parquet", "parquet")]
    [InlineData("a.jsonl", "jsonl")]
    [InlineData("a.json", "json")]
    [InlineData("a.csv", "csv")]
    [InlineData("a.fvecs", "fvecs")]
    [InlineData("a.jsonl.gz", "jsonl")]
    public async Task PackFile_OneBlockACall_SameBlocksAndHashAsInOneGo(string file, string format)
    {
        float[] values = SmallRows.Values(FileRows, 1);
        // Nine rejected rows in the first, a middle and the last block; one whole block of them.
        foreach (int row in (int[])[0, 1, 500, 501, 502, 503, 997, 998, 999])
            values[row * SmallRows.Dims] = float.NaN;
        await bench.UploadAsync($"words/{file}", Files.Of(file, values));

        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe[..^1] + ",\"maxRejectedFraction\":0.02}"));
        string runId = (await bench.PlanAsync("words"))!;
        int calls = await PackAsync(runId, bench.Pipeline);
        SortedDictionary<string, string> inPieces = await BlocksAsync(runId);
        FittedRun fitted = (await bench.CallAsync<RunInput, StepResult<FittedRun>>(StepNames.FitScaler, new(runId))).Value!;
        Assert.NotNull(fitted);
        foreach (string name in await bench.NamesAsync(Layout.Blocks(runId)))
            await bench.Pipeline.Storage.Results.DeleteAsync(name, null, Cancellation);
        bench.Options.StepBudget = TimeSpan.FromHours(1);
        Assert.Equal(1, await PackAsync(runId, bench.Pipeline));

        Assert.InRange(calls, FileRows / 64, (FileRows / 64) + 2);
        Assert.Equal(await BlocksAsync(runId), inPieces);
        Assert.Equal(fitted, (await bench.CallAsync<RunInput, StepResult<FittedRun>>(StepNames.FitScaler, new(runId))).Value);
        RunRecord run = (await bench.Pipeline.Runs.FindAsync(runId, Cancellation))!;
        Assert.Equal((FileRows - 9L, 9L), (run.Rows!.Total, run.Rows.Rejected));
        DatasetProfile profile = run.Profile!;
        Assert.Equal(new FileInDataset($"words/{file}", format, profile.Files[0].ElementType, FileRows - 9, 9, file.EndsWith(".gz", StringComparison.Ordinal) ? "gzip" : null), Assert.Single(profile.Files));
        // Whatever NaN is called where it is written.
        Assert.Equal(9, Assert.Single(profile.RejectedByReason).Value);
        Assert.Equal((SmallRows.Dims, FileRows - 9L, 0L, 9L), (profile.Dims, profile.Rows.Rows, profile.Duplicates, profile.Rejected));
        Assert.InRange(profile.Rows.MinNorm, 0.5, profile.Rows.NormSum / profile.Rows.Rows);
    }

    /// <summary>As a process leaves it that is killed between a block and its sidecar, and as another host does that clears some blocks away.</summary>
    [Theory]
    [InlineData(5, int.MaxValue)]
    [InlineData(5, 7)]
    [InlineData(0, 1)]
    public async Task PackFile_SidecarsAreMissing_BlocksArePackedAgain(int first, int end)
    {
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(FileRows, 1));
        string runId = (await bench.PlanAsync("words"))!;
        bench.Options.StepBudget = TimeSpan.FromHours(1);
        await PackAsync(runId, bench.Pipeline);
        SortedDictionary<string, string> whole = await BlocksAsync(runId);
        for (int block = first; block <= Math.Min(end, whole.Count); block++)
            await bench.Pipeline.Storage.Results.DeleteAsync(Layout.BlockRecord(runId, 0, block), null, Cancellation);

        await PackAsync(runId, bench.OtherHost());

        Assert.Equal(whole, await BlocksAsync(runId));
    }

    [Fact]
    public async Task FitScaler_RowsThatRepeatOverFilesAndBlocks_AreCounted()
    {
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(FileRows, 1));
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(SmallRows.Values(FileRows, 1)[..(300 * SmallRows.Dims)]));
        string runId = (await bench.PlanAsync("words"))!;
        bench.Options.StepBudget = TimeSpan.FromHours(1);
        await PackAsync(runId, bench.Pipeline);
        await bench.CallAsync<PackFileInput, StepResult<PackProgress>>(StepNames.PackFile, new(runId, 1));
        Assert.NotNull((await bench.CallAsync<RunInput, StepResult<FittedRun>>(StepNames.FitScaler, new(runId))).Value);
        Assert.Equal(300, (await bench.Pipeline.Runs.FindAsync(runId, Cancellation))!.Profile!.Duplicates);
    }

    /// <summary>Opening counts, and a block is packed whatever it took.</summary>
    [Fact]
    public async Task PackFile_OpeningTakesTheWholeBudget_PacksABlockAndReturns()
    {
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(FileRows, 1));
        string runId = (await bench.PlanAsync("words"))!;
        bench.Options.StepBudget = TimeSpan.FromSeconds(1);
        bench.Uploads.Before = call => Task.Delay(call.Operation == nameof(IArtifactStore.OpenReadAsync) ? 1100 : 0, Cancellation);
        bench.Results.Before = call => Task.Delay(call.Operation == nameof(IArtifactStore.WriteAsync) ? 150 : 0, Cancellation);

        Assert.False((await bench.CallAsync<PackFileInput, StepResult<PackProgress>>(StepNames.PackFile, new(runId, 0))).Value!.Done);

        Assert.Single(await new BlockStore(bench.Pipeline.Storage.Results, runId).ListAsync(0, Cancellation));
    }

    [Fact]
    public async Task PackFile_RejectionsSpreadOverManyCalls_AreCountedTogether()
    {
        // 11 of 1000 rows, no more than one a block: each call alone would be within its percent of the file.
        float[] values = SmallRows.Values(FileRows, 1);
        for (int i = 0; i < 11; i++)
            values[i * 90 * SmallRows.Dims] = float.NaN;
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(values));

        RunRecord run = await bench.TrainAsync("words");

        Assert.Equal((RunState.Failed, "too-many-rejected-rows"), (run.State, run.Problem?.Code));
        Assert.Contains("11 of 1000", run.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PackFile_HalfPrecision_PacksHalfTheBytesAndSplitsWhatIsStored()
    {
        bench.Options.PackHalf = true;
        await bench.UploadDatasetAsync("words", rows: 300);
        string runId = (await bench.PlanAsync("words"))!;
        await PackAsync(runId, bench.Pipeline);

        IReadOnlyList<BlockRecord> blocks = await new BlockStore(bench.Pipeline.Storage.Results, runId).ListAsync(0, Cancellation);
        Assert.Equal(300, blocks.Sum(b => b.Rows));
        Assert.Equal(128, blocks[0].Rows);
        bench.Options.StepBudget = TimeSpan.FromHours(1);
        Assert.Equal(RunState.Published, (await bench.RunAsync(runId)).State);
    }

    private async Task<int> PackAsync(string runId, HierEmbedPipeline pipeline)
    {
        for (int calls = 1; ; calls++)
        {
            if ((await bench.CallAsync<PackFileInput, StepResult<PackProgress>>(StepNames.PackFile, new(runId, 0), pipeline)).Value!.Done)
                return calls;
        }
    }

    private Task<SortedDictionary<string, string>> BlocksAsync(string runId) => bench.SnapshotAsync(Layout.Blocks(runId));

    public void Dispose() => bench.Dispose();
}
