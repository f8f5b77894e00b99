namespace HierEmbed.Training.Evaluation;

/// <summary>What one pass over the validation rows measures.</summary>
/// <param name="Loss">The training's loss over every prefix, weighted by batch rows.</param>
/// <param name="Fvu">Residual at the largest k over the rows' own total variance.</param>
/// <param name="L0">Mean active components at the largest k.</param>
/// <param name="DeadFraction">Share of latents that no row activates.</param>
internal sealed record ValidationFigures(double Loss, double Fvu, double L0, double DeadFraction);
