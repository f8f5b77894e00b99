namespace HierEmbed.Core.Evaluation;

/// <summary>A mean difference between two methods and where it lies with 95 % confidence.</summary>
/// <param name="Difference">Mean of the first minus mean of the second.</param>
/// <param name="Low">2.5 % of the resamples lie below.</param>
/// <param name="High">2.5 % of the resamples lie above.</param>
public readonly record struct BootstrapInterval(double Difference, double Low, double High)
{
    /// <summary>Whether the interval holds 0: neither method is shown to be better.</summary>
    public bool IsTie => Low <= 0 && High >= 0;
}
