using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Pipeline.Workflows;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class ReplayTests
{
    private const string RunId = "words-0123456789abcdef";
    private static readonly Problem Bad = new("empty-file", "The file has no rows", 422, "a.npy: no rows");

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(7, 0, 3)]
    [InlineData(7, 12, 5)]
    public void TrainModel_AnyOrderOfAnswers_ReplaysToTheSameCalls(int files, int lastChunk, int blocks)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            WorkflowHistory history = Record(new TrainFakes { Files = files, LastChunk = lastChunk, Blocks = blocks }, seed);

            history.RequireSameFromEveryPrefix();
            Assert.InRange(history.MostOutstanding, 1, TrainFakes.Lanes);
            // File n of ten is done in its n-th call.
            Assert.Equal(files * (files + 1) / 2, history.Calls.Count(call => call.Name == StepNames.PackFile));
            Assert.Equal(lastChunk + 1, history.Calls.Count(call => call.Name == StepNames.TrainChunk));
            Assert.Equal(blocks, history.Calls.Count(call => call.Name == StepNames.EncodeBlock));
            Assert.Equal(PackingTable.Budgets, history.Calls.Where(call => call.Name == StepNames.EvaluateBudget).Select(call => Input<EvaluateBudgetInput>(call).Bytes));
            Assert.Equal(StepNames.EndRun, history.Calls[^1].Name);
        }
    }

    [Theory]
    [InlineData(StepNames.BeginRun)]
    [InlineData(StepNames.PackFile)]
    [InlineData(StepNames.FitScaler)]
    [InlineData(StepNames.TrainChunk)]
    [InlineData(StepNames.ExportModel)]
    [InlineData(StepNames.EvaluateBudget)]
    [InlineData(StepNames.EvaluateModel)]
    [InlineData(StepNames.SealModel)]
    [InlineData(StepNames.EncodeBlock)]
    [InlineData(StepNames.PublishModel)]
    public void TrainModel_StepEndsTheRun_NoOtherStepBeginsAndTheOutcomeIsWritten(string step)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            WorkflowHistory history = Record(new TrainFakes { Files = 7, Blocks = 7, LastChunk = 1, Ends = step }, seed);

            history.RequireSameFromEveryPrefix();
            Assert.Equal(new WorkflowCall("step", StepNames.EndRun, Text(new EndRunInput(RunId, new RunEnd(RunState.Failed, Bad)))), history.Calls[^1]);
            Assert.Equal(step, history.Calls[^2].Name);
        }
    }

    [Fact]
    public void TrainModel_TakenUpAgain_SkipsTheChunksThatAreDone()
    {
        WorkflowHistory history = Record(new TrainFakes { Files = 1, Blocks = 1, FirstChunk = 40, LastChunk = 42 }, seed: 0);

        Assert.Equal([0, 41, 42], history.Calls.Where(call => call.Name == StepNames.TrainChunk).Select(call => Input<TrainChunkInput>(call).Chunk));
        Assert.Equal(42, Input<TrainedInput>(history.Calls.Single(call => call.Name == StepNames.ExportModel)).LastChunk);
    }

    [Fact]
    public void TrainModel_LargestDataset_StatusStaysSmallAndSaysWhereItStands()
    {
        // A chunk for each of some thousand epochs. Recording requires that each status is under 16 KB.
        WorkflowHistory history = Record(new TrainFakes { Files = 10_000, LastChunk = 4000, Blocks = 10_000 }, seed: 0);

        Assert.Equal("""{"step":"pack"}""", history.Statuses[0]);
        Assert.Contains("""{"step":"train","rows":123456789012,"percent":50,"epoch":2000,"epochs":4000,"loss":0.25}""", history.Statuses);
        Assert.Equal("""{"step":"publish","rows":123456789012,"percent":100,"epoch":4000,"epochs":4000,"loss":0.25}""", history.Statuses[^1]);
    }

    [Theory]
    [InlineData(RunState.Published, 2)]
    [InlineData(RunState.Failed, 2)]
    [InlineData(RunState.Superseded, 3)]
    public void WatchDataset_MarkerMoves_GoesRoundAgainAndReplays(RunState outcome, int expectedPlans)
    {
        var fakes = new WatchFakes(outcome);
        WorkflowHistory history = WorkflowHistory.Record(context => WatchDatasetWorkflow.RunAsync(context, new DatasetInput("words")), fakes.Answer, seed: 0);

        history.RequireSameFromEveryPrefix();
        Assert.Equal(expectedPlans, history.Calls.Count(call => call.Name == StepNames.PlanRun));
        Assert.Equal(2, history.Calls.Count(call => call.Kind == "workflow"));
        Assert.Equal(("step", StepNames.ClearMarker), (history.Calls[^1].Kind, history.Calls[^1].Name));
    }

    [Fact]
    public void WatchDataset_MarkerNeverStill_LeavesItToTheNextSweep()
    {
        int looks = 0;
        WorkflowHistory history = WorkflowHistory.Record(context => WatchDatasetWorkflow.RunAsync(context, new DatasetInput("words")),
            call => call.Kind == "timer" ? "null" : Text(new MarkerLook($"state {looks++}", TimeSpan.FromSeconds(1))), seed: 0);

        history.RequireSameFromEveryPrefix();
        Assert.DoesNotContain(history.Calls, call => call.Name == StepNames.PlanRun);
    }

    private static WorkflowHistory Record(TrainFakes fakes, int seed) =>
        WorkflowHistory.Record(context => TrainModelWorkflow.RunAsync(context, new RunInput(RunId)), fakes.Answer, seed);

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, Json.Compact);

    private static T Input<T>(WorkflowCall call) => JsonSerializer.Deserialize<T>(call.Input, Json.Compact)!;

    private static RunRecord Ended(RunState state) => new()
    {
        RunId = RunId,
        Dataset = "words",
        Sequence = 1,
        State = state,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
        Files = 1,
    };

    /// <summary>Answers in place of the steps of a training.</summary>
    private sealed class TrainFakes
    {
        public const int Lanes = 3;
        private readonly Dictionary<int, int> packCalls = [];

        public int Files { get; init; }

        public int FirstChunk { get; init; }

        public int LastChunk { get; init; }

        public int Blocks { get; init; }

        /// <summary>The step whose last call ends the run.</summary>
        public string? Ends { get; init; }

        public string Answer(WorkflowCall call) => call.Name switch
        {
            StepNames.BeginRun => Result(call, new RunBeginning(Files, Lanes, null)),
            StepNames.PackFile => Pack(call),
            StepNames.FitScaler => Result(call, new FittedRun("v", Blocks, false, 123_456_789_012)),
            StepNames.TrainChunk => Train(call),
            StepNames.ExportModel => Result(call, new ExportResult(0)),
            StepNames.EvaluateBudget => Result(call, new EvaluatedBudget(0.5), Input<EvaluateBudgetInput>(call).Bytes == PackingTable.Budgets[^1]),
            StepNames.EvaluateModel => Result(call, new EvaluationResult(1)),
            StepNames.SealModel => Result(call, new SealedModel("words/v")),
            StepNames.EncodeBlock => Result(call, new EncodedBlock(1), Input<EncodeBlockInput>(call).Block == Blocks - 1),
            StepNames.PublishModel => Result(call, new RunEnd(RunState.Published, null, "v")),
            StepNames.EndRun => Text(Ended(RunState.Published)),
            _ => throw new ArgumentException(call.Name),
        };

        private string Pack(WorkflowCall call)
        {
            int file = Input<PackFileInput>(call).File;
            packCalls[file] = packCalls.GetValueOrDefault(file) + 1;
            bool done = packCalls[file] > file % 10;
            return Result(call, new PackProgress(done), done && file == Files - 1);
        }

        private string Train(WorkflowCall call)
        {
            int chunk = Math.Max(FirstChunk, Input<TrainChunkInput>(call).Chunk);
            return Result(call, new TrainingProgress(chunk, chunk, LastChunk, chunk, LastChunk, new EpochMetrics(chunk, 0.25, 0.5, 0.3, 4, 0, 1000), chunk == LastChunk), chunk == LastChunk);
        }

        private string Result<T>(WorkflowCall call, T value, bool mayEnd = true) =>
            Text(call.Name == Ends && mayEnd ? new StepResult<T>(default, new RunEnd(RunState.Failed, Bad)) : StepResult.Of(value));
    }

    /// <summary>Answers in place of a watcher's steps: an upload comes in the quiet period, another during the first run.</summary>
    private sealed class WatchFakes(RunState outcome)
    {
        private int looks, plans, clears;

        public string Answer(WorkflowCall call) => call switch
        {
            { Kind: "timer" } => "null",
            { Kind: "workflow" } => Text(Ended(outcome)),
            { Name: StepNames.LookAtMarker } => Text(new MarkerLook(looks++ == 0 ? "first" : "second", TimeSpan.FromSeconds(30))),
            { Name: StepNames.PlanRun } => Text(new PlannedRun(plans++ < 2 ? RunId : null)),
            { Name: StepNames.ClearMarker } => Text(outcome == RunState.Superseded || clears++ > 0),
            _ => throw new ArgumentException(call.Name),
        };
    }
}
