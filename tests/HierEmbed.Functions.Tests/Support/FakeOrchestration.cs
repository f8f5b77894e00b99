using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>One call of an engine.</summary>
/// <param name="Name">What was called: an activity, an orchestrator, or "timer".</param>
/// <param name="Input">Its input, or the time that is waited for.</param>
/// <param name="Options">How it is called.</param>
/// <param name="Task">What the engine returned.</param>
internal sealed record EngineCall(string Name, object? Input, TaskOptions? Options, Task Task);

/// <summary>An engine that a test tells how to answer; it keeps each call with the very task that it returned.</summary>
internal class FakeOrchestration : TaskOrchestrationContext
{
    private readonly List<EngineCall> calls = [];

    /// <summary>The calls so far.</summary>
    public IReadOnlyList<EngineCall> Calls => calls;

    /// <summary>Statuses that were set.</summary>
    public List<object?> Statuses { get; } = [];

    public override TaskName Name => "Fake";

    public override string InstanceId => "fake-instance";

    public override ParentOrchestrationInstance? Parent => null;

    public override DateTime CurrentUtcDateTime => new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public override bool IsReplaying => false;

    /// <summary>Where the workflow logs.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    protected override ILoggerFactory LoggerFactory => Loggers;

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null) =>
        Keep(name.Name, input, options, ActivityAsync<TResult>(name.Name, input));

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null) =>
        Keep(orchestratorName.Name, input, options, OrchestratorAsync<TResult>(orchestratorName.Name, input));

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken) => Keep("timer", fireAt, null, Task.FromResult(true));

    public override void SetCustomStatus(object? customStatus) => Statuses.Add(customStatus);

    public override T? GetInput<T>()
        where T : default => throw new NotSupportedException();

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override void SendEvent(string instanceId, string eventName, object payload) => throw new NotSupportedException();

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) => throw new NotSupportedException();

    public override Guid NewGuid() => throw new NotSupportedException();

    public override ILogger CreateReplaySafeLogger<T>() => Loggers.CreateLogger(typeof(T).FullName!);

    /// <summary>Answers an activity: never, unless a test says otherwise.</summary>
    protected virtual Task<TResult> ActivityAsync<TResult>(string name, object? input) => new TaskCompletionSource<TResult>().Task;

    /// <summary>Answers a sub-orchestrator: never, unless a test says otherwise.</summary>
    protected virtual Task<TResult> OrchestratorAsync<TResult>(string name, object? input) => new TaskCompletionSource<TResult>().Task;

    private Task<TResult> Keep<TResult>(string name, object? input, TaskOptions? options, Task<TResult> task)
    {
        lock (calls)
            calls.Add(new EngineCall(name, input, options, task));
        return task;
    }
}
