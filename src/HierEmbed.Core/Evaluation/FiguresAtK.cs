namespace HierEmbed.Core.Evaluation;

/// <summary>Figures of codes with at most k components, values not rounded.</summary>
/// <param name="K">Most active components.</param>
/// <param name="Pursuit">Codes of pursuit, scored against dense queries.</param>
/// <param name="Encoder">Codes of the encoder, scored against dense queries; null for an encoder whose codes rebuild nothing (recipe <c>seed</c>).</param>
/// <param name="CodeCosine">The encoder's codes compared with one another, as <c>similarity</c> does.</param>
public sealed record FiguresAtK(int K, RetrievalFigures? Pursuit, RetrievalFigures? Encoder, RetrievalFigures CodeCosine);
