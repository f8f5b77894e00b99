using HierEmbed.Core.Codes;

namespace HierEmbed.Core.Search;

/// <summary>A query as sketches and codes are scored against it.</summary>
/// <param name="Lookups">For each pair of axes what its 16 pairs of levels add, <c>[SketchDims / 2, 16]</c>, 0 to 127.</param>
/// <param name="Step">What one of those steps is in a cosine.</param>
/// <param name="Least">The cosine of a row whose lookups are all 0.</param>
/// <param name="Products">Its products with the atoms, whole or along the axes.</param>
internal sealed record SketchedQuery(byte[] Lookups, float Step, float Least, ProjectedQuery Products)
{
    /// <summary>The cosine that a sketch's sum of lookups stands for.</summary>
    public float Score(ushort sum) => Least + (sum * Step);
}
