using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>Knows the instances that a test puts there, keeps what is scheduled, and refuses as the engine does to schedule what is not over.</summary>
internal sealed class FakeDurableClient() : DurableTaskClient("fake")
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, OrchestrationRuntimeStatus> instances = [];
    private readonly List<(string Name, object? Input, string? InstanceId)> scheduled = [];
    private int refused;

    public IReadOnlyList<(string Name, object? Input, string? InstanceId)> Scheduled
    {
        get
        {
            lock (gate)
                return [.. scheduled];
        }
    }

    /// <summary>How often an instance was scheduled that was not over.</summary>
    public int Refused => refused;

    /// <summary>Awaited between a look at an instance and the answer to it.</summary>
    public Func<string, Task> AfterLook { get; set; } = _ => Task.CompletedTask;

    /// <summary>What scheduling throws, where it fails.</summary>
    public Exception? Fault { get; init; }

    public void Put(string instanceId, OrchestrationRuntimeStatus status)
    {
        lock (gate)
            instances[instanceId] = status;
    }

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        if (Fault is not null)
            return Task.FromException<string>(Fault);
        string instanceId = options!.InstanceId!;
        lock (gate)
        {
            if (instances.TryGetValue(instanceId, out OrchestrationRuntimeStatus status)
                && status is OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Running or OrchestrationRuntimeStatus.Suspended)
            {
                refused++;
                return Task.FromException<string>(new OrchestrationAlreadyExistsException($"An instance {instanceId} exists."));
            }
            instances[instanceId] = OrchestrationRuntimeStatus.Pending;
            scheduled.Add((orchestratorName.Name, input, instanceId));
        }
        return Task.FromResult(instanceId);
    }

    public override async Task<OrchestrationMetadata?> GetInstanceAsync(string instanceId, CancellationToken cancellation)
    {
        OrchestrationMetadata? found;
        lock (gate)
            found = instances.TryGetValue(instanceId, out OrchestrationRuntimeStatus status) ? new OrchestrationMetadata("WatchDataset", instanceId) { RuntimeStatus = status } : null;
        await AfterLook(instanceId);
        return found;
    }

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
