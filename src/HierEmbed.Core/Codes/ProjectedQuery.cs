namespace HierEmbed.Core.Codes;

/// <summary>A dense query as codes are scored against it.</summary>
/// <param name="Products">D̃ᵀq, <c>[latentDims]</c>.</param>
/// <param name="MeanProduct">m·q.</param>
public readonly record struct ProjectedQuery(float[] Products, float MeanProduct);
