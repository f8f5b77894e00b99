using HierEmbed.Pipeline.Workflows;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Functions.Workflows;

/// <summary>A workflow's view of Durable Functions. Every task that it returns is the engine's own: a workflow that awaited another would not replay.</summary>
/// <param name="context">The engine.</param>
public sealed class DurableWorkflowContext(TaskOrchestrationContext context) : IWorkflowContext
{
    /// <inheritdoc />
    public string InstanceId => context.InstanceId;

    /// <inheritdoc />
    public DateTime CurrentUtcDateTime => context.CurrentUtcDateTime;

    /// <inheritdoc />
    public ILogger Logger { get; } = context.CreateReplaySafeLogger<DurableWorkflowContext>();

    /// <inheritdoc />
    public Task<TResult> CallStepAsync<TResult>(string step, object input) => context.CallActivityAsync<TResult>(step, input, StepRetries.Options);

    /// <inheritdoc />
    public Task WaitUntilAsync(DateTime utc) => context.CreateTimer(utc, CancellationToken.None);

    /// <inheritdoc />
    /// <remarks>Not retried: its steps are, and a workflow that fails all the same leaves a marker, which the sweep finds.</remarks>
    public Task<TResult> CallWorkflowAsync<TResult>(string workflow, string instanceId, object input) =>
        context.CallSubOrchestratorAsync<TResult>(workflow, input, new SubOrchestrationOptions(instanceId: instanceId));

    /// <inheritdoc />
    public void SetStatus(object status) => context.SetCustomStatus(status);
}
