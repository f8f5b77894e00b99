namespace HierEmbed.Pipeline.InProcess;

/// <summary>How often a step that throws is called again. Only what a retry can cure is thrown: permanent failures are returned.</summary>
/// <param name="Attempts">Calls at most.</param>
/// <param name="FirstDelay">Before the second call; doubled for each later one.</param>
public sealed record StepRetry(int Attempts, TimeSpan FirstDelay)
{
    /// <summary>Five calls within half a minute.</summary>
    public static StepRetry Default { get; } = new(5, TimeSpan.FromSeconds(2));
}
