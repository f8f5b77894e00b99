using System.Collections.Frozen;
using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Storage;
using Microsoft.DurableTask;

namespace HierEmbed.Functions.Workflows;

/// <summary>How Durable Functions calls a step again that threw: five times within a minute and a half, but not where that cures nothing.</summary>
public static class StepRetries
{
    // Faults of the data or of the program.
    private static readonly Type[] Permanent =
    [
        typeof(HierEmbedException), typeof(ArgumentException), typeof(InvalidOperationException), typeof(InvalidCastException),
        typeof(NotSupportedException), typeof(NullReferenceException), typeof(KeyNotFoundException), typeof(FormatException), typeof(JsonException),
    ];

    // A failure names its type and no more. By names that are fixed here, not by TaskFailureDetails.IsCausedBy: that one looks through whatever is
    // loaded, so a replay might answer otherwise, and it throws where two assemblies declare a type of one name, as happens to HttpRequestException.
    private static readonly FrozenSet<string> PermanentNames =
        new[] { typeof(object).Assembly, typeof(JsonException).Assembly, typeof(HierEmbedException).Assembly, typeof(IArtifactStore).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => Permanent.Any(permanent => permanent.IsAssignableFrom(type)))
            .Select(type => type.FullName!)
            .ToFrozenSet();

    /// <summary>What every call of a step carries.</summary>
    public static TaskOptions Options { get; } = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 5, firstRetryInterval: TimeSpan.FromSeconds(5), backoffCoefficient: 2, maxRetryInterval: TimeSpan.FromMinutes(1))
        {
            HandleFailure = MayBeCured,
        });

    /// <summary>Whether calling the step again may succeed. So it may after a failure whose type nobody knows: of a worker that was lost, the host reports such.</summary>
    public static bool MayBeCured(TaskFailureDetails failure) => !PermanentNames.Contains(failure.ErrorType);
}
