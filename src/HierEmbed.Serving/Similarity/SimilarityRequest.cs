using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Serving.Similarity;

/// <summary>What similarity takes: pairs, or one query against candidates.</summary>
/// <param name="Pairs">Pairs of vectors, <c>[pairs, 2, inputDims]</c>.</param>
/// <param name="Query">One vector, <c>[inputDims]</c>.</param>
/// <param name="Candidates">Vectors that it is compared with, <c>[candidates, inputDims]</c>.</param>
/// <param name="Ks">Active components to compare at; 8, 16, 32, 64, 128 as far as there are latents if left out.</param>
/// <param name="Prefix">Only the first so many latents are looked at.</param>
/// <param name="Coding">encoder. Codes of pursuit have no cosine with one another.</param>
public sealed record SimilarityRequest(float[][][]? Pairs = null, float[]? Query = null, float[][]? Candidates = null, int[]? Ks = null, int? Prefix = null, CodeCoding? Coding = null);
