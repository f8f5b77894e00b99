namespace HierEmbed.Core.Evaluation;

/// <summary>Writes c = a·bᵀ for row-major rows. A value must not depend on how many threads there are.</summary>
/// <param name="a"><c>[aRows, dims]</c>.</param>
/// <param name="b"><c>[bRows, dims]</c>.</param>
/// <param name="dims">Length of a row.</param>
/// <param name="c">Receives <c>[aRows, bRows]</c>.</param>
public delegate void RowProduct(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int dims, Span<float> c);
