using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class OutcomeTests : IDisposable
{
    // A file of more than 64 KB is known by its time of writing, a smaller one by its content.
    private const int LargeFileRows = 1100;
    private readonly Bench bench = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Train_SameContentUnderAnotherName_UnchangedAndNothingTrained()
    {
        await bench.UploadDatasetAsync("words");
        RunRecord first = await bench.TrainAsync("words");
        bench.Delete("words/a.npy");
        await bench.UploadAsync("words/renamed.npy", SmallRows.Npy(120, 1));

        RunRecord second = await bench.TrainAsync("words");

        Assert.NotEqual(first.RunId, second.RunId);
        Assert.Equal((RunState.Unchanged, first.ModelVersion), (second.State, second.ModelVersion));
        LatestPointer latest = await LatestAsync("words");
        Assert.Equal((first.ModelVersion, second.Sequence, first.RunId), (latest.Version, latest.Sequence, latest.RunId));
        Assert.Empty(await bench.NamesAsync(Layout.ProgressPrefix(second.RunId)));
        Assert.Single(await bench.Pipeline.Models.ListVersionsAsync("words", Cancellation));
        // The rows are the same, the names are not: each run says which codes are whose.
        Assert.Equal(2, (await bench.NamesAsync($"{Layout.Version("words", first.ModelVersion!)}codes/words-")).Count);
    }

    [Fact]
    public async Task EndRun_DeliveredAgainAfterAUserStartedTheRunAgain_LeavesTheNewAttempt()
    {
        await bench.UploadDatasetAsync("few", rows: 20);
        RunRecord failed = await bench.TrainAsync("few");
        RunRecord again = await bench.Pipeline.Runs.RestartAsync(failed.RunId, Cancellation);
        var late = new EndRunInput(failed.RunId, new RunEnd(RunState.Failed, failed.Problem), failed.Sequence);
        Assert.Equal(again, await bench.CallAsync<EndRunInput, RunRecord>(StepNames.EndRun, late));
        Assert.Equal(RunState.Queued, (await bench.Pipeline.Runs.FindAsync(failed.RunId, Cancellation))!.State);
        Assert.Equal(RunState.Failed, (await bench.RunAsync(failed.RunId)).State);
    }

    [Fact]
    public async Task Plan_RecordOfTheRunIsDamaged_IsRefusedAndSaysSo()
    {
        await bench.UploadDatasetAsync("words");
        string runId = (await bench.PlanAsync("words"))!;
        await bench.Pipeline.Storage.Results.WriteBytesAsync(Layout.RunRecord(runId), "{"u8.ToArray(), WriteCondition.Always, Cancellation);
        PlannedRun planned = await bench.CallAsync<DatasetInput, PlannedRun>(StepNames.PlanRun, new("words"));
        Assert.Equal((null, "corrupt-artifact"), (planned.RunId, planned.Refused?.Code));
        Assert.Single(await bench.NamesAsync(Layout.Failure("words", runId)));
    }

    [Fact]
    public async Task Train_LargeFileTouched_Unchanged()
    {
        await bench.UploadDatasetAsync("words", rows: LargeFileRows);
        RunRecord first = await bench.TrainAsync("words");
        File.SetLastWriteTimeUtc(Path.Combine(bench.Root, "embeddings/words/a.npy"), DateTime.UtcNow.AddMinutes(1));

        RunRecord second = await bench.TrainAsync("words");

        Assert.NotEqual(first.RunId, second.RunId);
        Assert.Equal(RunState.Unchanged, second.State);
    }

    [Fact]
    public async Task Plan_SmallFileTouched_NothingToDo()
    {
        await bench.UploadDatasetAsync("words");
        await bench.TrainAsync("words");
        await bench.UploadDatasetAsync("words");

        Assert.Null(await bench.PlanAsync("words"));
    }

    [Fact]
    public async Task Plan_FilesBackInAnEarlierState_ServesItsModelAgain()
    {
        await bench.UploadDatasetAsync("words", seed: 1);
        RunRecord first = await bench.TrainAsync("words");
        await bench.UploadDatasetAsync("words", seed: 2);
        RunRecord second = await bench.TrainAsync("words");
        await bench.UploadDatasetAsync("words", seed: 1);

        RunRecord third = await bench.TrainAsync("words");

        Assert.NotEqual(first.ModelVersion, second.ModelVersion);
        Assert.Equal((first.RunId, RunState.Published, first.ModelVersion), (third.RunId, third.State, third.ModelVersion));
        Assert.Equal(first.ModelVersion, (await LatestAsync("words")).Version);
        Assert.Null(await bench.PlanAsync("words"));
    }

    [Fact]
    public async Task Plan_RolledBackSince_RollbackStands()
    {
        await bench.UploadDatasetAsync("words", seed: 1);
        RunRecord first = await bench.TrainAsync("words");
        await bench.UploadDatasetAsync("words", seed: 2);
        await bench.TrainAsync("words");
        await bench.Pipeline.Models.RollBackAsync("words", first.ModelVersion!, Cancellation);

        Assert.Null(await bench.PlanAsync("words"));
        Assert.Equal(first.ModelVersion, (await LatestAsync("words")).Version);
    }

    [Fact]
    public async Task Train_RolledBackDuringTheRun_RollbackStands()
    {
        await bench.UploadDatasetAsync("words", seed: 1);
        RunRecord first = await bench.TrainAsync("words");
        await bench.UploadDatasetAsync("words", seed: 2);
        string runId = (await bench.PlanAsync("words"))!;
        await bench.Pipeline.Models.RollBackAsync("words", first.ModelVersion!, Cancellation);

        RunRecord second = await bench.RunAsync(runId);

        Assert.Equal(RunState.Superseded, second.State);
        Assert.Null(await bench.PlanAsync("words"));
        Assert.Equal(first.ModelVersion, (await LatestAsync("words")).Version);
    }

    [Fact]
    public async Task Train_OlderRunEndsLate_NewerModelStays()
    {
        await bench.UploadDatasetAsync("words", seed: 1);
        RunRecord older = await bench.Pipeline.Runs.CreateAsync(await bench.Pipeline.Datasets.ListAsync("words", Cancellation), Cancellation);
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(60, 2));
        RunRecord newer = await bench.Pipeline.Runs.CreateAsync(await bench.Pipeline.Datasets.ListAsync("words", Cancellation), Cancellation);

        newer = await bench.RunAsync(newer.RunId);
        older = await bench.RunAsync(older.RunId);

        Assert.Equal((RunState.Published, RunState.Superseded), (newer.State, older.State));
        Assert.NotNull(older.ModelVersion);
        Assert.Equal((newer.ModelVersion, newer.Sequence), ((await LatestAsync("words")).Version, (await LatestAsync("words")).Sequence));
        Assert.Null(await bench.PlanAsync("words"));
    }

    [Fact]
    public async Task Plan_FilesChangedBeforeTheRunEnded_EarlierRunIsSuperseded()
    {
        await bench.UploadDatasetAsync("words", seed: 1);
        string first = (await bench.PlanAsync("words"))!;
        await bench.UploadDatasetAsync("words", seed: 2);

        string second = (await bench.PlanAsync("words"))!;

        Assert.Equal(RunState.Superseded, (await bench.RunAsync(first)).State);
        Assert.Equal(RunState.Published, (await bench.RunAsync(second)).State);
    }

    [Fact]
    public async Task Plan_AllFilesGone_UnfinishedRunIsSuperseded()
    {
        await bench.UploadDatasetAsync("words");
        string runId = (await bench.PlanAsync("words"))!;
        bench.Delete("words/a.npy");

        Assert.Null(await bench.PlanAsync("words"));
        Assert.Equal(RunState.Superseded, (await bench.Pipeline.Runs.FindAsync(runId, Cancellation))!.State);
        Assert.Empty(await bench.NamesAsync("failures/"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Host_FileChangesOrGoesWhilePacking_SupersededAndTrainedAsItIsNow(bool delete)
    {
        await bench.UploadDatasetAsync("words");
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(60, 2));
        bool once = false;
        bench.Uploads.Before = async call =>
        {
            if (call is not { Operation: nameof(IArtifactStore.OpenReadAsync), Name: "words/b.npy" } || once)
                return;
            once = true;
            if (delete)
                bench.Delete("words/b.npy");
            else
                await bench.UploadAsync("words/b.npy", SmallRows.Npy(60, 3));
        };

        await bench.WorkOffAsync();

        IReadOnlyList<RunRecord> runs = await bench.RunsAsync("words");
        Assert.Equal([RunState.Superseded, RunState.Published], runs.Select(r => r.State));
        Assert.Equal(delete ? 1 : 2, runs[^1].Files);
        Assert.Empty(await bench.NamesAsync("failures/"));
    }

    [Fact]
    public async Task Train_RetrainNever_NewFilesAreCodedWithTheCurrentModel()
    {
        const string never = """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":3,"batchRows":32,"retrain":"never"}""";
        await bench.UploadDatasetAsync("words", recipe: never);
        RunRecord first = await bench.TrainAsync("words");
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(30, 2));

        RunRecord second = await bench.TrainAsync("words");

        Assert.Equal(RunState.Published, first.State);
        Assert.Equal((RunState.Unchanged, first.ModelVersion), (second.State, second.ModelVersion));
        Assert.Equal(first.Sequence, (await LatestAsync("words")).Sequence);
        Assert.Single(await bench.Pipeline.Models.ListVersionsAsync("words", Cancellation));
        string codes = $"{Layout.Version("words", first.ModelVersion!)}codes/";
        Assert.Contains($"{codes}{second.RunId}.json", await bench.NamesAsync(codes));
        Assert.Equal(2, (await bench.NamesAsync(codes)).Count(name => name.EndsWith(".codes", StringComparison.Ordinal)));
        // Which rows the dataset has now: not a matter of which model is served.
        Assert.Equal(new CodesPointer(second.RunId, second.Sequence), await new CodesIndexStore(bench.Pipeline.Storage.Results).FindLatestAsync("words", first.ModelVersion!, Cancellation));
    }

    [Fact]
    public async Task Train_RetrainNeverOtherDims_FailsForGood()
    {
        const string never = """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":3,"batchRows":32,"retrain":"never"}""";
        await bench.UploadDatasetAsync("words", recipe: never);
        await bench.TrainAsync("words");
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(60, 2, dims: 8));

        RunRecord second = await bench.TrainAsync("words");

        Assert.Equal((RunState.Failed, "wrong-dimensions"), (second.State, second.Problem?.Code));
    }

    private async Task<LatestPointer> LatestAsync(string dataset) => (await bench.Pipeline.Models.FindLatestAsync(dataset, Cancellation)).Value!;

    public void Dispose() => bench.Dispose();
}
