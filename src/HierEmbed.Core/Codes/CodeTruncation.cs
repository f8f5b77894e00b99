using System.Buffers;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Core.Codes;

/// <summary>Keeps the <c>k</c> largest components of a code and drops the rest.</summary>
public static class CodeTruncation
{
    /// <summary>Truncates one code of shape <c>[latentDims]</c> to at most <paramref name="k"/> active components.</summary>
    /// <param name="preActivations">What the encoder's graph computes, finite, <c>[latentDims]</c>.</param>
    /// <param name="k">Active components to keep, 1 to latentDims.</param>
    /// <param name="activation">Relu: the largest positive values. Signed: the largest magnitudes.</param>
    /// <param name="prefix">Only the first so many latents are looked at, 1 to latentDims; null: all.</param>
    /// <returns>Indices ascending with their values, not scaled; shorter than k where the code has fewer non-zeros.</returns>
    /// <exception cref="ArgumentOutOfRangeException">k or prefix is outside 1..latentDims.</exception>
    /// <remarks>Ties at the threshold go to the lower index, so at most k survive. A test against the k-th value alone, as the notebook's,
    /// keeps every tie and with it more than k components.</remarks>
    public static SparseCode KeepLargest(ReadOnlySpan<float> preActivations, int k, CodeActivation activation = CodeActivation.Relu, int? prefix = null)
    {
        int latentDims = preActivations.Length;
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, latentDims);
        if (prefix is { } first)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(first, 1, nameof(prefix));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(first, latentDims, nameof(prefix));
            preActivations = preActivations[..first];
        }

        int width = Math.Min(k, preActivations.Length);
        ulong[] scratch = ArrayPool<ulong>.Shared.Rent(preActivations.Length);
        int[] latents = ArrayPool<int>.Shared.Rent(width);
        float[] values = ArrayPool<float>.Shared.Rent(width);
        int kept = StrongestLatents.SelectAscending(preActivations, activation, scratch, latents.AsSpan(0, width), values.AsSpan(0, width));
        SparseCode code = Code(latents.AsSpan(0, kept), values.AsSpan(0, kept), latentDims);
        ArrayPool<ulong>.Shared.Return(scratch);
        ArrayPool<int>.Shared.Return(latents);
        ArrayPool<float>.Shared.Return(values);
        return code;
    }

    /// <summary>Drops all but the k largest magnitudes of a code that is sparse already, by the same rule.</summary>
    /// <param name="code">The code.</param>
    /// <param name="k">Active components to keep, from 1.</param>
    public static SparseCode KeepLargest(SparseCode code, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        if (code.Indices.Length <= k)
            return code;
        SparseCode kept = KeepLargest(code.Values, k, CodeActivation.Signed);
        return kept with { Dims = code.Dims, Indices = Array.ConvertAll(kept.Indices, at => code.Indices[at]) };
    }

    /// <summary>Divides the values by their length. A code without active components stays as it is.</summary>
    public static SparseCode ToUnitNorm(SparseCode code) =>
        code.Norm > 0 ? code with { Values = Array.ConvertAll(code.Values, v => v / code.Norm) } : code;

    private static SparseCode Code(ReadOnlySpan<int> latents, ReadOnlySpan<float> values, int latentDims)
    {
        double squares = 0;
        foreach (float value in values)
            squares += (double)value * value;
        return new SparseCode(latentDims, latents.ToArray(), values.ToArray(), (float)Math.Sqrt(squares));
    }
}
