namespace HierEmbed.Serving.Codes;

/// <summary>A projected query, as <c>side: query</c> answers it. The score of a pursuit code z with <c>norm</c> |x̂| is (values · z + mean) / |x̂|, the cosine of q and x̂.</summary>
/// <param name="Dims">latentDims, or the prefix.</param>
/// <param name="Values">D̃ᵀq, <c>[dims]</c>, of the query brought to unit length.</param>
/// <param name="Mean">m·q.</param>
public sealed record QueryView(int Dims, float[] Values, float Mean);
