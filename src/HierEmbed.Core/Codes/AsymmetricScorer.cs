using System.Numerics.Tensors;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Codes;

/// <summary>Scores codes of pursuit against dense queries: the cosine of q and x̂ = m + D̃ z, without rebuilding x̂. Thread-safe.</summary>
/// <param name="dictionary">The model's dictionary.</param>
public sealed class AsymmetricScorer(LinearDecoder dictionary)
{
    /// <summary>Projects a query.</summary>
    /// <param name="query">q, of unit length, <c>[inputDims]</c>.</param>
    /// <param name="products">Receives D̃ᵀq, <c>[latentDims]</c>.</param>
    /// <returns>D̃ᵀq and m·q.</returns>
    public ProjectedQuery Project(ReadOnlySpan<float> query, float[] products)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(query.Length, dictionary.InputDims, nameof(query));
        ArgumentOutOfRangeException.ThrowIfNotEqual(products.Length, dictionary.LatentDims, nameof(products));
        RowProducts.Multiply(query, dictionary.Atoms, dictionary.InputDims, products);
        return new ProjectedQuery(products, TensorPrimitives.Dot<float>(query, dictionary.Mean));
    }

    /// <summary>Projects a query.</summary>
    /// <param name="query">q, of unit length, <c>[inputDims]</c>.</param>
    public ProjectedQuery Project(ReadOnlySpan<float> query) => Project(query, new float[dictionary.LatentDims]);

    /// <summary>The score ((D̃ᵀq)·z + m·q) / |m + D̃z|; 0 where x̂ has no length.</summary>
    /// <param name="query">The projected query.</param>
    /// <param name="code">z.</param>
    /// <param name="norm">|m + D̃z|, as <see cref="NormOf(SparseCode)"/> gives it: it depends on the code alone.</param>
    public static float Score(ProjectedQuery query, SparseCode code, float norm) => Score(query, code.Indices, code.Values, norm);

    /// <summary>The same of a code in two buffers.</summary>
    /// <param name="query">The projected query.</param>
    /// <param name="indices">Latents, <c>[active]</c>.</param>
    /// <param name="values">Their values, <c>[active]</c>.</param>
    /// <param name="norm">|m + D̃z|.</param>
    public static float Score(ProjectedQuery query, ReadOnlySpan<int> indices, ReadOnlySpan<float> values, float norm)
    {
        if (norm <= 0)
            return 0;
        float sum = query.MeanProduct;
        for (int i = 0; i < indices.Length; i++)
            sum += query.Products[indices[i]] * values[i];
        return sum / norm;
    }

    /// <summary>|m + D̃z|, by |x̂|² = zᵀGz + 2 z·(D̃ᵀm) + |m|².</summary>
    public float NormOf(SparseCode code) => NormOf(code.Indices, code.Values);

    /// <summary>The same of a code in two buffers.</summary>
    /// <param name="indices">Latents, <c>[active]</c>.</param>
    /// <param name="values">Their values, <c>[active]</c>.</param>
    public float NormOf(ReadOnlySpan<int> indices, ReadOnlySpan<float> values)
    {
        float[] gram = dictionary.Gram;
        // In double: m and D̃z may nearly cancel one another.
        double squared = dictionary.MeanSquared;
        for (int i = 0; i < indices.Length; i++)
        {
            ReadOnlySpan<float> row = gram.AsSpan(indices[i] * dictionary.LatentDims, dictionary.LatentDims);
            double product = dictionary.MeanProducts[indices[i]];
            for (int j = 0; j < i; j++)
                product += (double)row[indices[j]] * values[j];
            squared += values[i] * ((2 * product) + ((double)row[indices[i]] * values[i]));
        }
        return (float)Math.Sqrt(Math.Max(squared, 0));
    }
}
