using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using HierEmbed.Training;

namespace HierEmbed.Pipeline.Tests;

public sealed class ScratchTests : IDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly string scratch = Directory.CreateTempSubdirectory("hierembed-scratch-").FullName;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_RowsPastMemory_PublishesAndLeavesNoFile(bool half)
    {
        // A few rows in memory, and a step budget that makes chunks of single steps: the scratch files are kept between them.
        HierEmbedOptions options = Small(options => options.PackHalf = half);
        options.StepBudget = TimeSpan.FromMilliseconds(10);
        using var bench = new Bench(options);
        await bench.UploadDatasetAsync("words");
        RunRecord run = await bench.TrainAsync("words");
        Assert.Equal(RunState.Published, run.State);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch));

        // Whoever trains it again, in one piece, gets the same bits.
        using var again = new Bench(Small(options => options.PackHalf = half));
        await again.UploadDatasetAsync("words");
        RunRecord second = await again.TrainAsync("words");
        string encoder = Layout.Version("words", run.ModelVersion!) + Layout.EncoderFile;
        Assert.Equal((await bench.SnapshotAsync(encoder)).Values, (await again.SnapshotAsync(Layout.Version("words", second.ModelVersion!) + Layout.EncoderFile)).Values);
    }

    [Fact]
    public async Task Train_NoRoom_FailsBeforeItTrains()
    {
        using var bench = new Bench(Small(options => options.ScratchBytes = 100));
        await bench.UploadDatasetAsync("words");
        IReadOnlyCollection<string> written = bench.WrittenResults();
        RunRecord run = await bench.TrainAsync("words");
        Assert.Equal((RunState.Failed, ProblemTypes.TooLittleSpace.Code), (run.State, run.Problem!.Code));
        Assert.Contains("scratchBytes allows 100", run.Problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(written, name => name.StartsWith(Layout.Checkpoints(run.RunId), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Train_RetrainNeverWithoutRoom_CodesWithTheCurrentModel()
    {
        HierEmbedOptions options = Small(_ => { });
        using var bench = new Bench(options);
        await bench.UploadDatasetAsync("words");
        Assert.Equal(RunState.Published, (await bench.TrainAsync("words")).State);
        options.ScratchBytes = 100;
        await bench.UploadAsync("words/training.json", "{\"retrain\": \"never\"}"u8.ToArray());
        await bench.UploadAsync("words/b.fvecs", Files.Of("b.fvecs", SmallRows.Values(100, 2)));
        Assert.Equal(RunState.Unchanged, (await bench.TrainAsync("words")).State);
    }

    [Fact]
    public async Task Train_HeadersTellThatThereIsNoRoom_FailsBeforeItPacks()
    {
        // Either file alone has room.
        using var bench = new Bench(Small(options => options.ScratchBytes = 150 * SmallRows.Dims * sizeof(float)));
        await bench.UploadDatasetAsync("words", rows: 100);
        await bench.UploadAsync("words/b.fvecs", Files.Of("b.fvecs", SmallRows.Values(100, 2)));
        IReadOnlyCollection<string> written = bench.WrittenResults();
        RunRecord run = await bench.TrainAsync("words");
        Assert.Equal((RunState.Failed, ProblemTypes.TooLittleSpace.Code), (run.State, run.Problem!.Code));
        Assert.DoesNotContain(written, name => name.StartsWith(Layout.Blocks(run.RunId), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Train_RoomForAllButTheTestRows_IsNotRefusedByItsHeaders()
    {
        using var bench = new Bench(Small(options => options.ScratchBytes = 95 * SmallRows.Dims * sizeof(float)));
        await bench.UploadDatasetAsync("words", rows: 100);
        RunRecord run = await bench.TrainAsync("words");
        Assert.Equal((RunState.Published, null), (run.State, run.Problem?.Detail));
        Assert.InRange(run.Rows!.Train + run.Rows.Validation, 41, 95);
    }

    [Fact]
    public async Task Train_TextWithoutRoom_FailsAtTheBlockThatIsTooMuch()
    {
        HierEmbedOptions options = Small(options => options.ScratchBytes = 150 * SmallRows.Dims * sizeof(float));
        options.BlockBytes = 64 * SmallRows.Dims * sizeof(float);
        using var bench = new Bench(options);
        await bench.UploadAsync("words/a.csv", Files.Of("a.csv", SmallRows.Values(1000, 1)));
        IReadOnlyCollection<string> written = bench.WrittenResults();
        RunRecord run = await bench.TrainAsync("words");
        Assert.Equal((RunState.Failed, ProblemTypes.TooLittleSpace.Code), (run.State, run.Problem!.Code));
        // Three have 192 rows, a tenth of them for test.
        Assert.Equal(3, written.Count(name => name.StartsWith(Layout.Blocks(run.RunId), StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Forget_WhileRowsAreReadFromScratch_GivesTheirFileBackAfterTheLastReader()
    {
        using var bench = new Bench(Small(_ => { }));
        await bench.UploadDatasetAsync("words");
        string runId = (await bench.PlanAsync("words"))!;
        await bench.CallAsync<PackFileInput, StepResult<PackProgress>>(StepNames.PackFile, new(runId, 0));
        await bench.CallAsync<RunInput, StepResult<FittedRun>>(StepNames.FitScaler, new(runId));
        var inputs = new RunInputs(bench.Pipeline.Storage.Results, new TrainingRoom(bench.Options));
        var kept = new KeptRows(inputs, bench.Options);
        RunPlan plan = await inputs.PlanAsync(runId, Cancellation);

        using (await kept.OpenAsync(runId, plan, Cancellation))
            Assert.Equal(2, OpenScratchFiles()); // training and validation rows
        Assert.Equal(2, OpenScratchFiles());
        using (SharedRows rows = await kept.OpenAsync(runId, plan, Cancellation))
        using (var trainer = Trainer.Start(plan.Recipe, plan.Seed, rows.Rows, threads: 1))
        {
            kept.Forget(runId);
            Assert.True(trainer.Run(TimeSpan.FromMinutes(1), 0, null, Cancellation).Finished);
        }
        Assert.Equal(0, OpenScratchFiles());
    }

    /// <summary>Files without a name that this process holds in the scratch folder.</summary>
    private int OpenScratchFiles() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Count(link => link.LinkTarget?.StartsWith(scratch, StringComparison.Ordinal) == true);

    [Fact]
    public void Require_MoreThanTheDiskHas_SaysHowMuchThereIs()
    {
        var room = new TrainingRoom(Small(options => options.ScratchBytes = long.MaxValue));
        var e = Assert.Throws<DatasetException>(() => room.Require(1L << 40, 1024, half: false));
        Assert.Equal(ProblemTypes.TooLittleSpace, e.Type);
        Assert.Contains(scratch, e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 50, 500);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ScratchRows_ReadAnywhere_IsWhatWasWritten(bool half)
    {
        float[] values = [.. Enumerable.Range(0, 50 * 6).Select(i => i / 4f)]; // exact in float16
        using ScratchRows rows = ScratchRows.Create(scratch, 50, 6, half);
        foreach (int row in Enumerable.Range(0, 50).Reverse())
            rows.Write(row, values.AsSpan(row * 6, 6));
        foreach ((int first, int count) in (ValueTuple<int, int>[])[(0, 50), (19, 2), (49, 1)])
        {
            var read = new float[count * 6];
            rows.Read(first, read);
            Assert.Equal(values.AsSpan(first * 6, count * 6).ToArray(), read);
        }
        Assert.Throws<EndOfStreamException>(() => rows.Read(49, new float[12]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1000)]
    [InlineData(6400)]
    public void PlaceOf_EachRow_HasAPlaceOfItsOwn(int rows)
    {
        var order = new InterleavedOrder(rows, seed: 5);
        Assert.Equal(Enumerable.Range(0, rows), Enumerable.Range(0, rows).Select(order.PlaceOf).Order());
    }

    [Fact]
    public void PlaceOf_RowsInOrderOfTopics_EveryStretchHoldsAllTopics()
    {
        const int rows = 64_000, topics = 20;
        var order = new InterleavedOrder(rows, seed: 5);
        var topicAt = new int[rows];
        for (int row = 0; row < rows; row++)
            topicAt[order.PlaceOf(row)] = row / (rows / topics);
        Assert.All(topicAt.Chunk(1000), stretch => Assert.All(Enumerable.Range(0, topics), topic => Assert.Equal(50, stretch.Count(t => t == topic))));
    }

    private HierEmbedOptions Small(Action<HierEmbedOptions> change)
    {
        HierEmbedOptions options = SmallRuns.OnePiece;
        options.TrainingMemoryBytes = 40 * SmallRows.Dims * sizeof(float);
        options.ScratchPath = scratch;
        change(options);
        return options;
    }

    public void Dispose() => Directory.Delete(scratch, recursive: true);
}
