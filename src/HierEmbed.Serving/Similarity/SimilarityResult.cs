namespace HierEmbed.Serving.Similarity;

/// <summary>How alike two embeddings are.</summary>
/// <param name="Full">Cosine of the embeddings themselves: the only calibrated figure.</param>
/// <param name="Codes">Cosine of their encoder codes, by k.</param>
/// <param name="Decoded">Cosine of what those codes rebuild, the mean included, by k; absent where the model rebuilds no unit embedding from a sum of atoms.</param>
public sealed record SimilarityResult(float Full, IReadOnlyDictionary<string, float> Codes, IReadOnlyDictionary<string, float>? Decoded = null);
