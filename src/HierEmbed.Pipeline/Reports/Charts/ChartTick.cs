namespace HierEmbed.Pipeline.Reports.Charts;

/// <summary>A tick of an axis.</summary>
/// <param name="At">Where, in the axis's units.</param>
/// <param name="Label">What it says.</param>
internal readonly record struct ChartTick(double At, string Label);
