using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Functions.Tests.Support;
using HierEmbed.Functions.Workflows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Functions.Tests;

/// <summary>The orchestrator functions over a history that the activity functions gave: from every prefix of it they call the same.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly App app = new(("HierEmbed:MaxParallelSteps", "3"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => app.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task TrainModel_FromEveryPrefixOfItsHistory_CallsTheSame(int seed)
    {
        // Steps that return after a few blocks of 1024 rows, and after a few optimizer steps.
        using var inPieces = new App(app.Folder, store => store, ("HierEmbed:StepBudget", "00:00:00.010"), ("HierEmbed:BlockBytes", "65536"), ("HierEmbed:MaxParallelSteps", "3"));
        await app.UploadDatasetAsync("docs", rows: 12_000);
        foreach (string file in (string[])["b", "c", "d"])
            await app.UploadAsync($"docs/{file}.npy", SmallRows.Npy(40, seed: file[0]));
        string runId = (await Activities.CallAsync<DatasetInput, PlannedRun>(app, StepNames.PlanRun, new("docs"))).RunId!;

        WorkflowHistory history = WorkflowHistory.Record(
            context => WorkflowFunctions.TrainModelAsync(new ReplayedOrchestration(context), new RunInput(runId)), call => Answer(inPieces, call), seed);

        history.RequireSameFromEveryPrefix();
        Assert.Equal(3, history.MostOutstanding);
        Assert.True(history.Calls.Count(call => call.Name == StepNames.PackFile) > 4);
        Assert.Equal(RunState.Published, (await new RunStore(app.Storage.Results, TimeProvider.System).FindAsync(runId, Cancellation))!.State);
    }

    [Fact]
    public async Task TrainModel_OfABadFile_FromEveryPrefixOfItsHistory_CallsTheSame()
    {
        await app.UploadDatasetAsync("docs");
        await app.UploadAsync("docs/b.npy", [1, 2, 3]);
        string runId = (await Activities.CallAsync<DatasetInput, PlannedRun>(app, StepNames.PlanRun, new("docs"))).RunId!;

        WorkflowHistory history = WorkflowHistory.Record(
            context => WorkflowFunctions.TrainModelAsync(new ReplayedOrchestration(context), new RunInput(runId)), call => Answer(app, call), seed: 0);

        history.RequireSameFromEveryPrefix();
        Assert.Equal(StepNames.EndRun, history.Calls[^1].Name);
        Assert.DoesNotContain(history.Calls, call => call.Name == StepNames.FitScaler);
    }

    [Fact]
    public async Task WatchDataset_FromEveryPrefixOfItsHistory_CallsTheSame()
    {
        await app.UploadDatasetAsync("docs");
        await app.Get<DirtyMarkers>().MarkAsync("docs", Cancellation);
        int looks = 0;
        bool trained = false;

        WorkflowHistory history = WorkflowHistory.Record(
            context => WorkflowFunctions.WatchDatasetAsync(new ReplayedOrchestration(context), new DatasetInput("docs")),
            call =>
            {
                // An upload in the quiet period, another during the run.
                bool moves = (call.Name == StepNames.LookAtMarker && looks++ == 0) || (call.Kind == "workflow" && !trained);
                trained |= call.Kind == "workflow";
                string answer = Answer(app, call);
                if (moves)
                    app.Get<DirtyMarkers>().MarkAsync("docs", Cancellation).GetAwaiter().GetResult();
                return answer;
            },
            seed: 0);

        history.RequireSameFromEveryPrefix();
        Assert.Equal(2, history.Calls.Count(call => call.Name == StepNames.PlanRun));
        Assert.Equal(1, history.Calls.Count(call => call.Kind == "workflow"));
        Assert.Equal(StepNames.ClearMarker, history.Calls[^1].Name);
        Assert.Empty(await app.Get<DirtyMarkers>().ListAsync(Cancellation));
    }

    /// <summary>What the app's own function answers. Waited for: a history is recorded on one thread, as an engine runs an orchestrator.</summary>
    private static string Answer(App app, WorkflowCall call) => call.Kind switch
    {
        "timer" => "null",
        "workflow" => TrainAsync(app, JsonSerializer.Deserialize<RunInput>(call.Input, Json.Compact)!).GetAwaiter().GetResult(),
        _ => Activities.CallAsync(app, call.Name, JsonDocument.Parse(call.Input).RootElement).GetAwaiter().GetResult().GetRawText(),
    };

    private static async Task<string> TrainAsync(App app, RunInput input) =>
        JsonSerializer.Serialize(await WorkflowFunctions.TrainModelAsync(new PlayedOrchestration(app), input), Json.Compact);
}
