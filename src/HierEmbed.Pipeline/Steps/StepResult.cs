namespace HierEmbed.Pipeline.Steps;

/// <summary>What a step returns: its value, or the end of the run. Permanent failures are returned, only what a retry can cure is thrown.</summary>
/// <param name="Value">The value, where the run goes on.</param>
/// <param name="End">The outcome, where it does not.</param>
public sealed record StepResult<T>(T? Value, RunEnd? End);

/// <summary>Makes results.</summary>
public static class StepResult
{
    /// <summary>The run goes on.</summary>
    public static StepResult<T> Of<T>(T value) => new(value, null);
}
