using HierEmbed.Core.Scaling;

namespace HierEmbed.Pipeline.Rows;

/// <summary>A fitted scaler as <c>scaler.json</c> holds it; float64 round-trips exactly.</summary>
/// <param name="Mode">The mode that it was fitted with.</param>
/// <param name="Mean">μ, <c>[dims]</c>.</param>
/// <param name="Scale">s, <c>[dims]</c>.</param>
public sealed record StoredScaler(ScalingMode Mode, double[] Mean, double[] Scale)
{
    /// <summary>The scaler.</summary>
    public StandardScaler ToScaler() => new(Mode, Mean, Scale);
}
