using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Serving.Codes;

/// <summary>The JSON object that encode takes. Arrays of vectors and Cohere's answers are taken too.</summary>
/// <param name="Embeddings">Vectors, <c>[rows, inputDims]</c>.</param>
/// <param name="Embedding">One vector in place of a list, <c>[inputDims]</c>.</param>
/// <param name="K">Active components, 1 to latentDims; the model's largest trained k if left out.</param>
/// <param name="Ks">Several k: each row is answered with a list of codes, one for each.</param>
/// <param name="Prefix">Only the first so many latents are looked at.</param>
/// <param name="Normalize">Scales values to unit norm; true if left out. Codes of pursuit are never scaled.</param>
/// <param name="Format">How a code is written; sparse if left out.</param>
/// <param name="Coding">encoder (if left out): codes that are compared with codes. pursuit: the best codes for rows that are stored, scored against projected queries.</param>
/// <param name="Side">document if left out. query: the dense projection that codes of pursuit are scored against; takes no k, and no format but dense.</param>
public sealed record EncodeRequest(
    float[][]? Embeddings = null, float[]? Embedding = null, int? K = null, int[]? Ks = null, int? Prefix = null, bool? Normalize = null,
    CodeFormat? Format = null, CodeCoding? Coding = null, EncodeSide? Side = null);
