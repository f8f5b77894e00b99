using System.Collections.Concurrent;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>Knows the instances that a test puts there, and keeps what is scheduled.</summary>
internal sealed class FakeDurableClient() : DurableTaskClient("fake")
{
    private readonly ConcurrentDictionary<string, OrchestrationRuntimeStatus> instances = new();
    private readonly ConcurrentQueue<(string Name, object? Input, string? InstanceId)> scheduled = new();

    public IReadOnlyList<(string Name, object? Input, string? InstanceId)> Scheduled => [.. scheduled];

    /// <summary>Another worker schedules the same instance between this client's look and its call.</summary>
    public bool LosesTheRace { get; init; }

    /// <summary>What scheduling throws, where it fails.</summary>
    public Exception? Fault { get; init; }

    public void Put(string instanceId, OrchestrationRuntimeStatus status) => instances[instanceId] = status;

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        if (Fault is not null)
            return Task.FromException<string>(Fault);
        if (LosesTheRace)
            return Task.FromException<string>(new OrchestrationAlreadyExistsException($"An instance {options?.InstanceId} exists."));
        scheduled.Enqueue((orchestratorName.Name, input, options?.InstanceId));
        Put(options?.InstanceId ?? "", OrchestrationRuntimeStatus.Pending);
        return Task.FromResult(options?.InstanceId ?? "");
    }

    public override Task<OrchestrationMetadata?> GetInstanceAsync(string instanceId, CancellationToken cancellation) =>
        Task.FromResult(instances.TryGetValue(instanceId, out OrchestrationRuntimeStatus status)
            ? new OrchestrationMetadata("WatchDataset", instanceId) { RuntimeStatus = status }
            : null);

    public override Task<OrchestrationMetadata?> GetInstancesAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) => throw new NotSupportedException();

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        throw new NotSupportedException();

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
