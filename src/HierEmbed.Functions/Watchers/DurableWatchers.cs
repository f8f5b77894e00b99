using DurableTask.Core.Exceptions;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Workflows;
using HierEmbed.Serving.Runs;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Watchers;

/// <summary>Starts the one watcher that a dataset has, as an orchestration named <c>watch-&lt;dataset&gt;</c>.</summary>
/// <remarks>A client of Durable Functions comes with an invocation only; <see cref="WithAsync{T}"/> holds it for as long as that invocation's work goes on.</remarks>
public sealed class DurableWatchers : IWatcherLauncher
{
    private readonly AsyncLocal<DurableTaskClient?> current = new();

    /// <summary>Does work that may start watchers.</summary>
    /// <param name="client">The invocation's client.</param>
    /// <param name="work">The work.</param>
    public async Task<T> WithAsync<T>(DurableTaskClient client, Func<Task<T>> work)
    {
        // Gone again when this method returns: what flows with an asynchronous method does not flow back to its caller.
        current.Value = client;
        return await work();
    }

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">It is called outside <see cref="WithAsync{T}"/>.</exception>
    public Task WakeAsync(string dataset, CancellationToken cancellationToken = default) =>
        WakeAsync(current.Value ?? throw new InvalidOperationException("The function that woke a watcher has no [DurableClient]."), dataset, cancellationToken);

    /// <summary>Starts the watcher unless it runs.</summary>
    /// <param name="client">The invocation's client.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public static async Task WakeAsync(DurableTaskClient client, string dataset, CancellationToken cancellationToken)
    {
        string instanceId = WatchDatasetWorkflow.InstanceId(dataset);
        // Looked up first: scheduling an instance that has ended runs it again, and one that runs is the usual answer to a shard of many.
        OrchestrationMetadata? found = await client.GetInstanceAsync(instanceId, cancellationToken);
        if (found is { RuntimeStatus: not (OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated) })
            return;
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(WatchDatasetWorkflow.Name, new DatasetInput(dataset), new StartOrchestrationOptions(instanceId), cancellationToken);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // Another invocation was first. Its watcher sees the marker, or leaves it to the sweep.
        }
    }
}
