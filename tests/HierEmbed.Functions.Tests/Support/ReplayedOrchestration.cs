using HierEmbed.Pipeline.Workflows;
using Microsoft.DurableTask;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>The engine's own context over one that replays: what an orchestrator function calls is answered from a history.</summary>
/// <param name="replaying">Holds the history.</param>
internal sealed class ReplayedOrchestration(IWorkflowContext replaying) : FakeOrchestration
{
    public override string InstanceId => replaying.InstanceId;

    public override DateTime CurrentUtcDateTime => replaying.CurrentUtcDateTime;

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null) =>
        replaying.CallStepAsync<TResult>(name.Name, input!);

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null) =>
        replaying.CallWorkflowAsync<TResult>(orchestratorName.Name, ((SubOrchestrationOptions)options!).InstanceId!, input!);

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken) => replaying.WaitUntilAsync(fireAt);

    public override void SetCustomStatus(object? customStatus) => replaying.SetStatus(customStatus!);
}
