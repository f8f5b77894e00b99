namespace HierEmbed.Core.Evaluation;

/// <summary>How often latents are active on test rows.</summary>
/// <param name="K">Active components of the codes that were counted.</param>
/// <param name="DeadFraction">Share of latents that no row activates.</param>
/// <param name="Spectrum">Share of rows that a latent is active in, most used latent first, at most 256 latents evenly spread over the ranking.</param>
public sealed record LatentUse(int K, double DeadFraction, IReadOnlyList<float> Spectrum);
