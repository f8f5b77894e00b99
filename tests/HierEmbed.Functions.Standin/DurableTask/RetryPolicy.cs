// microsoft/durabletask-dotnet: src/Abstractions/RetryPolicy.cs
using HierEmbed.Functions.Standin;

namespace Microsoft.DurableTask;

public class RetryPolicy
{
    public RetryPolicy(int maxNumberOfAttempts, TimeSpan firstRetryInterval, double backoffCoefficient = 1, TimeSpan? maxRetryInterval = null, TimeSpan? retryTimeout = null)
    {
        MaxNumberOfAttempts = maxNumberOfAttempts;
        FirstRetryInterval = firstRetryInterval;
        BackoffCoefficient = backoffCoefficient;
        // What stands for a value that is left out is behaviour.
        MaxRetryInterval = maxRetryInterval ?? throw Unsupported.Member(nameof(maxRetryInterval));
        if (retryTimeout is not null)
            throw Unsupported.Member(nameof(retryTimeout));
    }

    public int MaxNumberOfAttempts { get; }

    public TimeSpan FirstRetryInterval { get; }

    public double BackoffCoefficient { get; }

    public TimeSpan MaxRetryInterval { get; }

    // Kept, and asked by nobody: that is the engine's.
    public Func<TaskFailureDetails, bool> HandleFailure
    {
        init => field = value;
    }
}
