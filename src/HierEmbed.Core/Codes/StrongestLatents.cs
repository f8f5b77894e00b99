using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using HierEmbed.Core.Numerics;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Core.Codes;

/// <summary>Finds the k strongest latents of one row; ties go to the lower index. Training and coding select alike.</summary>
/// <remarks>One pass bounds the k-th strongest from below, a second one gathers those that reach the bound, and among these few the choice is exact.</remarks>
public static class StrongestLatents
{
    /// <summary>Up to so many keys are ranked by comparing each with all, without a branch: beyond, sorting is faster.</summary>
    private const int MaxRanked = 256;

    /// <summary>Latents that one word of bits tells of.</summary>
    private const int BlockLatents = 64;

    /// <summary>Selects, strongest first.</summary>
    /// <param name="preActivations">a, <c>[latents]</c>.</param>
    /// <param name="activation">Relu: positive values only. Signed: largest magnitudes, zeros left out.</param>
    /// <param name="scratch">At least <c>[latents]</c>.</param>
    /// <param name="latents">Receives which latents, <c>[k]</c>.</param>
    /// <param name="values">Receives their values, <c>[k]</c>.</param>
    /// <returns>How many there are: k, or fewer where fewer are active.</returns>
    public static int Select(ReadOnlySpan<float> preActivations, CodeActivation activation, Span<ulong> scratch, Span<int> latents, Span<float> values)
    {
        int k = latents.Length;
        Span<ulong> keys = Candidates(preActivations, activation, scratch, k);
        int kept = Math.Min(k, keys.Length);
        if (keys.Length <= MaxRanked)
        {
            foreach (ulong key in keys)
            {
                if (LargestKeys.CountAbove(keys, key) is int rank && rank < k)
                    latents[rank] = Latent(key);
            }
        }
        else
        {
            LargestKeys.Partition(keys, kept);
            keys[..kept].Sort();
            for (int j = 0; j < kept; j++)
                latents[j] = Latent(keys[kept - 1 - j]);
        }
        return Take(preActivations, latents[..kept], values);
    }

    /// <summary>Selects, the latents ascending.</summary>
    /// <inheritdoc cref="Select"/>
    public static int SelectAscending(ReadOnlySpan<float> preActivations, CodeActivation activation, Span<ulong> scratch, Span<int> latents, Span<float> values)
    {
        int k = latents.Length;
        Span<ulong> keys = Candidates(preActivations, activation, scratch, k);
        int kept = Math.Min(k, keys.Length);
        if (keys.Length <= MaxRanked)
        {
            int next = 0;
            foreach (ulong key in keys)
            {
                if (LargestKeys.CountAbove(keys, key) < k)
                    latents[next++] = Latent(key);
            }
        }
        else
        {
            LargestKeys.Partition(keys, kept);
            for (int j = 0; j < kept; j++)
                latents[j] = Latent(keys[j]);
            latents[..kept].Sort();
        }
        return Take(preActivations, latents[..kept], values);
    }

    private static int Take(ReadOnlySpan<float> preActivations, ReadOnlySpan<int> latents, Span<float> values)
    {
        for (int j = 0; j < latents.Length; j++)
            values[j] = preActivations[latents[j]];
        return latents.Length;
    }

    /// <summary>Keys of latents among which the k strongest are, the latents ascending.</summary>
    private static Span<ulong> Candidates(ReadOnlySpan<float> preActivations, CodeActivation activation, Span<ulong> scratch, int k)
    {
        if (k == 0)
            return [];
        // Non-negative floats order as their bits do. Relu: negative values have the sign bit, and are no int above 0.
        int mask = activation == CodeActivation.Signed ? int.MaxValue : -1;
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(preActivations);
        int bound = RankBound.Find(bits, mask, k, MemoryMarshal.Cast<ulong, int>(scratch));
        return scratch[..Gather(bits, mask, bound, scratch)];
    }

    /// <summary>Writes the keys of all latents that reach a bound.</summary>
    /// <returns>How many there are.</returns>
    private static int Gather(ReadOnlySpan<int> bits, int mask, int bound, Span<ulong> keys)
    {
        var (bounds, masks) = (Vector256.Create(bound), Vector256.Create(mask));
        ref int first = ref MemoryMarshal.GetReference(bits);
        int count = 0, at = 0;
        for (; at <= bits.Length - BlockLatents; at += BlockLatents)
        {
            ulong reached = 0;
            for (int i = 0; i < BlockLatents; i += Vector256<int>.Count)
            {
                Vector256<int> here = Vector256.LoadUnsafe(ref first, (nuint)(at + i)) & masks;
                reached |= (ulong)Vector256.GreaterThanOrEqual(here, bounds).ExtractMostSignificantBits() << i;
            }
            for (; reached != 0; reached &= reached - 1)
            {
                int latent = at + BitOperations.TrailingZeroCount(reached);
                keys[count++] = Key(bits[latent] & mask, latent);
            }
        }
        for (; at < bits.Length; at++)
        {
            if ((bits[at] & mask) >= bound)
                keys[count++] = Key(bits[at] & mask, at);
        }
        return count;
    }

    // The value's bits and below them the complement of the index: one comparison decides both.
    private static ulong Key(int bits, int latent) => ((ulong)(uint)bits << 32) | ~(uint)latent;

    private static int Latent(ulong key) => (int)~(uint)key;
}
