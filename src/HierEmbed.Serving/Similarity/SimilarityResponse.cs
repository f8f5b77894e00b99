namespace HierEmbed.Serving.Similarity;

/// <summary>What similarity answers.</summary>
/// <param name="Model">The model.</param>
/// <param name="ModelVersion">The version that encoded.</param>
/// <param name="Scoring">codes: the codes are the encoder's. Only the full cosine is calibrated.</param>
/// <param name="Ks">Active components that were compared at.</param>
/// <param name="Results">One for each pair or candidate, in the request's order.</param>
public sealed record SimilarityResponse(string Model, string ModelVersion, string Scoring, int[] Ks, IReadOnlyList<SimilarityResult> Results);
