namespace HierEmbed.Serving.Codes;

/// <summary>A code as it is served in the formats <c>sparse</c> and <c>dense</c>.</summary>
/// <param name="K">Active components that were asked for.</param>
/// <param name="Dims">latentDims.</param>
/// <param name="Indices">Active latents, ascending from 0; absent in the format <c>dense</c>.</param>
/// <param name="Values">Values of the active latents, of all latents in the format <c>dense</c>; of unit norm unless <c>normalize</c> is false or <c>coding</c> is <c>pursuit</c>.</param>
/// <param name="Norm">Length of the values before they were scaled; of a code of pursuit the length |x̂| of what it rebuilds, which its scores are divided by.</param>
public sealed record CodeView(int K, int Dims, int[]? Indices, float[] Values, float Norm);
