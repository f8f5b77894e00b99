namespace HierEmbed.Core.Evaluation;

/// <summary>Pursuit codes of the first latents alone, against dense queries.</summary>
/// <param name="Latents">How many of the first latents.</param>
/// <param name="K">Most active components.</param>
/// <param name="Recall10">Mean recall@10.</param>
public sealed record FiguresOfPrefix(int Latents, int K, double Recall10);
