using System.Numerics.Tensors;

namespace HierEmbed.Core.Codes;

/// <summary>Cosine of codes and of embeddings.</summary>
public static class CodeSimilarity
{
    /// <summary>Cosine of two codes over the latents that both activate.</summary>
    /// <returns>−1 to 1; 0 where either has no active component.</returns>
    /// <exception cref="ArgumentException">The codes come from models of different latentDims.</exception>
    public static float Cosine(SparseCode a, SparseCode b)
    {
        if (a.Dims != b.Dims)
            throw new ArgumentException($"Codes of {a.Dims} and {b.Dims} latents cannot be compared; both must come from one model.", nameof(b));
        double dot = 0, aSquares = 0, bSquares = 0;
        for (int i = 0, j = 0; i < a.Indices.Length && j < b.Indices.Length;)
        {
            int order = a.Indices[i].CompareTo(b.Indices[j]);
            if (order == 0)
                dot += (double)a.Values[i++] * b.Values[j++];
            else if (order < 0)
                i++;
            else
                j++;
        }
        foreach (float v in a.Values)
            aSquares += (double)v * v;
        foreach (float v in b.Values)
            bSquares += (double)v * v;
        return aSquares == 0 || bSquares == 0 ? 0 : (float)Math.Clamp(dot / Math.Sqrt(aSquares * bSquares), -1, 1);
    }

    /// <summary>Cosine of two embeddings, <c>[inputDims]</c> each.</summary>
    /// <returns>−1 to 1; 0 where either is all zeros.</returns>
    public static float Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double norms = (double)TensorPrimitives.Norm(a) * TensorPrimitives.Norm(b);
        return norms == 0 ? 0 : (float)Math.Clamp(TensorPrimitives.Dot(a, b) / norms, -1, 1);
    }
}
