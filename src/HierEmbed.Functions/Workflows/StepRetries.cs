using System.Text.Json;
using HierEmbed.Core.Errors;
using Microsoft.DurableTask;

namespace HierEmbed.Functions.Workflows;

/// <summary>How Durable Functions calls a step again that threw: five times within a minute and a half, but not where that cures nothing.</summary>
public static class StepRetries
{
    // Faults of the data or of the program. Only these: of a worker that was lost, or in words of its own, the host reports types that nobody knows.
    private static readonly IReadOnlyList<Type> Permanent =
    [
        typeof(HierEmbedException), typeof(ArgumentException), typeof(InvalidOperationException), typeof(InvalidCastException),
        typeof(NotSupportedException), typeof(NullReferenceException), typeof(KeyNotFoundException), typeof(FormatException), typeof(JsonException),
    ];

    /// <summary>What every call of a step carries.</summary>
    public static TaskOptions Options { get; } = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(5), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(1))
        {
            HandleFailure = MayBeCured,
        });

    /// <summary>Whether calling the step again may succeed.</summary>
    public static bool MayBeCured(TaskFailureDetails failure) => !Permanent.Any(failure.IsCausedBy);
}
