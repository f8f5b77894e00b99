// microsoft/durabletask-dotnet: src/Abstractions/TaskRetryOptions.cs
namespace Microsoft.DurableTask;

public sealed class TaskRetryOptions(RetryPolicy policy)
{
    public RetryPolicy? Policy { get; } = policy;
}
