namespace HierEmbed.Serving.Similarity;

/// <summary>How alike two embeddings are.</summary>
/// <param name="Full">Cosine of the embeddings themselves: the only calibrated figure.</param>
/// <param name="Codes">Cosine of their codes, by k.</param>
public sealed record SimilarityResult(float Full, IReadOnlyDictionary<string, float> Codes);
