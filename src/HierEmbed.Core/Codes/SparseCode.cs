namespace HierEmbed.Core.Codes;

/// <summary>The active components of one code.</summary>
/// <param name="Dims">latentDims.</param>
/// <param name="Indices">Latents, ascending from 0, <c>[active]</c>.</param>
/// <param name="Values">Their values, <c>[active]</c>; none is 0.</param>
/// <param name="Norm">Euclidean length of the values before any scaling to unit length.</param>
public sealed record SparseCode(int Dims, int[] Indices, float[] Values, float Norm);
