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
        if (prefix is { } latents)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(latents, 1, nameof(prefix));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(latents, latentDims, nameof(prefix));
            preActivations = preActivations[..latents];
        }

        // A heap of the best so far with the worst of them at its root. Latents come in ascending order, so an equal one never replaces.
        int[] heap = new int[Math.Min(k, preActivations.Length)];
        int count = 0;
        for (int i = 0; i < preActivations.Length; i++)
        {
            float strength = Strength(preActivations[i], activation);
            if (strength <= 0)
                continue;
            if (count < heap.Length)
            {
                heap[count] = i;
                SiftUp(heap, count++, preActivations, activation);
            }
            else if (strength > Strength(preActivations[heap[0]], activation))
            {
                heap[0] = i;
                SiftDown(heap, count, preActivations, activation);
            }
        }

        int[] indices = heap.AsSpan(0, count).ToArray();
        Array.Sort(indices);
        return FromIndices(preActivations, indices, latentDims);
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

    private static SparseCode FromIndices(ReadOnlySpan<float> values, int[] indices, int latentDims)
    {
        var kept = new float[indices.Length];
        double squares = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            kept[i] = values[indices[i]];
            squares += (double)kept[i] * kept[i];
        }
        return new SparseCode(latentDims, indices, kept, (float)Math.Sqrt(squares));
    }

    private static float Strength(float value, CodeActivation activation) => activation == CodeActivation.Signed ? MathF.Abs(value) : value;

    /// <summary>Whether a is dropped before b: weaker, or as strong with the higher index.</summary>
    private static bool Worse(int a, int b, ReadOnlySpan<float> values, CodeActivation activation)
    {
        float x = Strength(values[a], activation), y = Strength(values[b], activation);
        return x < y || (x == y && a > b);
    }

    private static void SiftUp(int[] heap, int at, ReadOnlySpan<float> values, CodeActivation activation)
    {
        while (at > 0 && Worse(heap[at], heap[(at - 1) / 2], values, activation))
        {
            (heap[at], heap[(at - 1) / 2]) = (heap[(at - 1) / 2], heap[at]);
            at = (at - 1) / 2;
        }
    }

    private static void SiftDown(int[] heap, int count, ReadOnlySpan<float> values, CodeActivation activation)
    {
        int at = 0;
        while (true)
        {
            int worst = at;
            for (int child = (2 * at) + 1; child <= (2 * at) + 2 && child < count; child++)
            {
                if (Worse(heap[child], heap[worst], values, activation))
                    worst = child;
            }
            if (worst == at)
                return;
            (heap[at], heap[worst]) = (heap[worst], heap[at]);
            at = worst;
        }
    }
}
