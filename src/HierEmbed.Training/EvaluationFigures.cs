using HierEmbed.Core.Models;

namespace HierEmbed.Training;

/// <summary>What an evaluation measures.</summary>
/// <param name="ByK">Figures for each k, ascending.</param>
/// <param name="DeadFraction">Share of latents that no row activates at the largest k.</param>
public sealed record EvaluationFigures(IReadOnlyList<MetricsAtK> ByK, double DeadFraction);
