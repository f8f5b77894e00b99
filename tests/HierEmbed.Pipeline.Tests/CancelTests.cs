using HierEmbed.Pipeline.InProcess;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class CancelTests : IDisposable
{
    private const string LongRecipe = """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":10000,"patience":0,"batchRows":1}""";
    private readonly Bench bench = new(SmallRuns.ManyPieces);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/rows/000000-000000.json")]
    [InlineData("/scaler.json")]
    [InlineData("/checkpoints/000001.safetensors")]
    [InlineData("/metrics.json")]
    [InlineData("/manifest.json")]
    public async Task Train_CancelledAfterAWrite_CancelledAndNothingIsServed(string written)
    {
        await bench.UploadDatasetAsync("words");
        string runId = (await bench.PlanAsync("words"))!;
        bench.Results.After = call => call.Changes && call.Name.EndsWith(written, StringComparison.Ordinal)
            ? bench.Pipeline.Runs.RequestCancelAsync(runId, Cancellation)
            : Task.CompletedTask;

        RunRecord run = await bench.RunAsync(runId);

        Assert.Equal(RunState.Cancelled, run.State);
        Assert.Null((await bench.Pipeline.Models.FindLatestAsync("words", Cancellation)).Value);
        Assert.Empty(await bench.NamesAsync(Layout.Blocks(runId)));
        Assert.Empty(await bench.NamesAsync(Layout.Checkpoints(runId)));
        Assert.Empty(await bench.NamesAsync("failures/"));
    }

    [Fact]
    public async Task Train_CancelledWithinOneLongStep_EndsWithinSecondsThoughStorageFailsOnce()
    {
        bench.Options.StepBudget = TimeSpan.FromHours(1);
        await bench.UploadDatasetAsync("words", recipe: LongRecipe);
        string runId = (await bench.PlanAsync("words"))!;
        await using InProcessEngine engine = bench.Engine();
        Task<RunRecord> running = engine.TrainAsync(runId, Cancellation);
        await Bench.UntilAsync(async () => (await bench.OtherHost().Runs.ProgressAsync(runId, Cancellation))?.Epoch > 0);
        int faults = 0;
        bench.Results.Before = call => call.Name == Layout.Cancel(runId) && faults++ == 0 ? throw new IOException("gone for a moment") : Task.CompletedTask;

        await bench.OtherHost().Runs.RequestCancelAsync(runId, Cancellation);
        RunRecord run = await running;

        Assert.Equal(RunState.Cancelled, run.State);
        Assert.True(faults > 1);
    }

    [Fact]
    public async Task Restart_CancelledInTraining_ShowsNoProgressOfBefore()
    {
        await bench.UploadDatasetAsync("words");
        string runId = (await bench.PlanAsync("words"))!;
        bench.Results.After = call => call.Changes && call.Name == Layout.Checkpoint(runId, 3) ? bench.Pipeline.Runs.RequestCancelAsync(runId, Cancellation) : Task.CompletedTask;
        await bench.RunAsync(runId);
        Assert.NotNull(await bench.Pipeline.Runs.ProgressAsync(runId, Cancellation));

        await bench.Pipeline.Runs.RestartAsync(runId, Cancellation);

        Assert.Null(await bench.Pipeline.Runs.ProgressAsync(runId, Cancellation));
    }

    [Fact]
    public async Task Plan_Cancelled_DoesNotStartAgainByItselfAndDoesWhenAsked()
    {
        bench.Options.StepBudget = TimeSpan.FromMinutes(1);
        await bench.UploadDatasetAsync("words");
        string runId = (await bench.PlanAsync("words"))!;
        await bench.Pipeline.Runs.RequestCancelAsync(runId, Cancellation);
        Assert.Equal(RunState.Cancelled, (await bench.RunAsync(runId)).State);

        Assert.Null(await bench.PlanAsync("words"));
        await bench.Pipeline.Runs.RestartAsync(runId, Cancellation);

        Assert.Equal(runId, await bench.PlanAsync("words"));
        Assert.Equal(RunState.Published, (await bench.RunAsync(runId)).State);
    }

    public void Dispose() => bench.Dispose();
}
