using System.Text;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Pipeline.Workflows;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class StepTwiceTests : IDisposable
{
    private readonly Bench bench = new();

    [Fact]
    public async Task TrainModel_EveryStepTwice_SameAnswersAndSameStoredState()
    {
        await bench.UploadDatasetAsync("words");
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(40, 2));
        await bench.UploadAsync("words/labels.txt", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat("noun", 160))));

        (RunRecord run, TwiceContext context) = await RunTwiceAsync("words");

        Assert.Equal(RunState.Published, run.State);
        string[] watcherSteps = [StepNames.LookAtMarker, StepNames.PlanRun, StepNames.ClearMarker];
        Assert.Equal(bench.Pipeline.StepNames.Except(watcherSteps).Order(), context.Steps.Distinct().Order());
    }

    [Fact]
    public async Task TrainModel_SameContentEveryStepTwice_UnchangedBothTimes()
    {
        await bench.UploadDatasetAsync("words");
        await bench.TrainAsync("words");
        bench.Delete("words/a.npy");
        await bench.UploadAsync("words/renamed.npy", SmallRows.Npy(120, 1));

        (RunRecord run, _) = await RunTwiceAsync("words");

        Assert.Equal(RunState.Unchanged, run.State);
    }

    [Fact]
    public async Task TrainModel_BadFileEveryStepTwice_SameFailure()
    {
        await bench.UploadDatasetAsync("words", rows: 20);

        (RunRecord run, _) = await RunTwiceAsync("words");

        Assert.Equal((RunState.Failed, "untrainable-data"), (run.State, run.Problem?.Code));
    }

    [Fact]
    public async Task WatcherSteps_Twice_SameAnswers()
    {
        await bench.UploadDatasetAsync("words");
        await bench.Pipeline.Markers.MarkAsync("words", TestContext.Current.CancellationToken);
        var context = new TwiceContext(bench, "watch-words");

        MarkerLook look = await context.CallStepAsync<MarkerLook>(StepNames.LookAtMarker, new DatasetInput("words"));
        PlannedRun planned = await context.CallStepAsync<PlannedRun>(StepNames.PlanRun, new DatasetInput("words"));
        bool cleared = await context.CallStepAsync<bool>(StepNames.ClearMarker, new ClearMarkerInput("words", look.ETag!));

        Assert.NotNull(planned.RunId);
        Assert.True(cleared);
    }

    private async Task<(RunRecord Run, TwiceContext Context)> RunTwiceAsync(string dataset)
    {
        // One step at a time: what another writes meanwhile would look like a difference.
        bench.Options.MaxParallelSteps = 1;
        string runId = (await bench.PlanAsync(dataset))!;
        var context = new TwiceContext(bench, runId);
        return (await TrainModelWorkflow.RunAsync(context, new RunInput(runId)), context);
    }

    public void Dispose() => bench.Dispose();
}
