using HierEmbed.Core.Errors;
using HierEmbed.Functions.Tests.Support;
using HierEmbed.Functions.Workflows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Storage;
using Microsoft.DurableTask;

namespace HierEmbed.Functions.Tests;

public sealed class WorkflowContextTests
{
    private readonly FakeOrchestration engine = new();
    private readonly DurableWorkflowContext context;

    public WorkflowContextTests() => context = new DurableWorkflowContext(engine);

    [Fact]
    public void CallStep_ReturnsTheEnginesTaskAndRetries()
    {
        var input = new RunInput("docs-0123456789abcdef");
        Task<int> task = context.CallStepAsync<int>("PackFile", input);
        EngineCall call = Assert.Single(engine.Calls);
        Assert.Same(call.Task, task);
        Assert.Equal("PackFile", call.Name);
        Assert.Same(input, call.Input);
        RetryPolicy retry = call.Options!.Retry!.Policy!;
        Assert.Equal((5, TimeSpan.FromSeconds(5), 2.0, TimeSpan.FromMinutes(1)),
            (retry.MaxNumberOfAttempts, retry.FirstRetryInterval, retry.BackoffCoefficient, retry.MaxRetryInterval));
    }

    [Fact]
    public void WaitUntil_ReturnsTheEnginesTimer()
    {
        DateTime until = context.CurrentUtcDateTime.AddSeconds(30);
        Task task = context.WaitUntilAsync(until);
        EngineCall call = Assert.Single(engine.Calls);
        Assert.Same(call.Task, task);
        Assert.Equal(until, call.Input);
    }

    [Fact]
    public void CallWorkflow_ReturnsTheEnginesTaskUnderTheInstanceIdAndDoesNotRetry()
    {
        var input = new RunInput("docs-0123456789abcdef");
        Task<int> task = context.CallWorkflowAsync<int>("TrainModel", input.RunId, input);
        EngineCall call = Assert.Single(engine.Calls);
        Assert.Same(call.Task, task);
        Assert.Equal("TrainModel", call.Name);
        var options = Assert.IsType<SubOrchestrationOptions>(call.Options);
        Assert.Equal(input.RunId, options.InstanceId);
        Assert.Null(options.Retry);
    }

    [Fact]
    public void TheRest_IsTheEngines()
    {
        var status = new { Step = "pack" };
        context.SetStatus(status);
        Assert.Same(status, Assert.Single(engine.Statuses));
        Assert.Equal(engine.InstanceId, context.InstanceId);
        Assert.Equal(engine.CurrentUtcDateTime, context.CurrentUtcDateTime);
    }

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new IOException("gone"), true },
        { new TimeoutException(), true },
        { new HttpRequestException("503"), true },
        { new UnauthorizedAccessException(), true },
        { new TaskCanceledException(), true },
        { new ArtifactNotFoundException("runs/x/run.json"), false },
        { new DatasetException(ProblemTypes.InvalidDatasetName, "no name"), false },
        { new ArgumentOutOfRangeException("k"), false },
        { new InvalidOperationException(), false },
        { new System.Text.Json.JsonException(), false },
        { new KeyNotFoundException(), false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void MayBeCured_TellsFaultsOfTheWorldFromThoseOfDataAndProgram(Exception fault, bool expected) =>
        Assert.Equal(expected, StepRetries.MayBeCured(FailureOf(fault)));

    [Fact]
    public void MayBeCured_TypeThatNobodyKnows_IsTriedAgain() => Assert.True(StepRetries.MayBeCured(new TaskFailureDetails("(unknown)", "lost", null, null, null)));

    private static TaskFailureDetails FailureOf(Exception fault) => new(fault.GetType().FullName!, fault.Message, null, null, null);
}
