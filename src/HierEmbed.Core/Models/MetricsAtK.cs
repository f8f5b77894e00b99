namespace HierEmbed.Core.Models;

/// <summary>Figures for codes truncated to k active components, on rows that training never saw.</summary>
/// <param name="K">Active components kept at most.</param>
/// <param name="Fvu">Residual over total variance; lower is better.</param>
/// <param name="L0">Mean active components.</param>
public sealed record MetricsAtK(int K, double Fvu, double L0);
