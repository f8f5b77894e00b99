// microsoft/durabletask-dotnet: src/Client/Core/OrchestrationRuntimeStatus.cs
namespace Microsoft.DurableTask.Client;

public enum OrchestrationRuntimeStatus
{
    Running = 0,
    Completed = 1,
    Failed = 3,
    Terminated = 5,
    Pending = 6,
    Suspended = 7,
}
