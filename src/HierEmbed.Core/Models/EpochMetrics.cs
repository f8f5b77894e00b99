namespace HierEmbed.Core.Models;

/// <summary>Figures of one epoch.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="TrainLoss">Mean over the epoch's batches, weighted by batch rows.</param>
/// <param name="ValidationLoss">The same loss on validation rows.</param>
/// <param name="Fvu">Fraction of variance unexplained on validation rows, at the recipe's largest k.</param>
/// <param name="L0">Mean active components on validation rows.</param>
/// <param name="DeadFraction">Share of latents that no validation row activates.</param>
/// <param name="SamplesPerSecond">Training rows per second, wall clock.</param>
public sealed record EpochMetrics(int Epoch, double TrainLoss, double ValidationLoss, double Fvu, double L0, double DeadFraction, double SamplesPerSecond);
