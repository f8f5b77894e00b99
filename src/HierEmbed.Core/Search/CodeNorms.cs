using System.Numerics.Tensors;
using HierEmbed.Core.Codes.Pursuit;

namespace HierEmbed.Core.Search;

/// <summary>The lengths that scores of codes are divided by. Thread-safe.</summary>
/// <param name="dictionary">The dictionary of pursuit codes: |m + D̃z|. Null for encoder codes: |z|.</param>
internal sealed class CodeNorms(LinearDecoder? dictionary)
{
    /// <summary>Length of what is decoded.</summary>
    public int Dims => dictionary?.InputDims ?? 0;

    /// <summary>The length of a code; infinity where it is 0, so that the score is.</summary>
    /// <param name="latents">Active latents.</param>
    /// <param name="values">Their values.</param>
    /// <param name="scratch"><c>[Dims]</c>.</param>
    /// <remarks>By decoding: the Gram matrix of 4096 latents would take 64 MB for as long as the model is loaded.</remarks>
    public float Of(ReadOnlySpan<int> latents, ReadOnlySpan<float> values, float[] scratch)
    {
        float norm;
        if (dictionary is null)
        {
            norm = TensorPrimitives.Norm(values);
        }
        else
        {
            dictionary.Decode(latents, values, scratch);
            norm = TensorPrimitives.Norm<float>(scratch);
        }
        return norm > 0 ? norm : float.PositiveInfinity;
    }
}
