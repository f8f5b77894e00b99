using HierEmbed.Core.Numerics;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Core.Codes;

/// <summary>Finds the k strongest latents of one row, strongest first; ties go to the lower index. Training and coding select alike.</summary>
public static class StrongestLatents
{
    /// <summary>Selects.</summary>
    /// <param name="preActivations">a, <c>[latents]</c>.</param>
    /// <param name="activation">Relu: positive values only. Signed: largest magnitudes, zeros left out.</param>
    /// <param name="scratch">At least <c>[latents]</c>.</param>
    /// <param name="latents">Receives which latents, <c>[k]</c>.</param>
    /// <param name="values">Receives their values, <c>[k]</c>.</param>
    /// <returns>How many there are: k, or fewer where fewer are active.</returns>
    public static int Select(ReadOnlySpan<float> preActivations, CodeActivation activation, Span<ulong> scratch, Span<int> latents, Span<float> values)
    {
        // Non-negative floats order as their bits do; below them the complement of the index, so that one comparison decides both.
        uint sign = activation == CodeActivation.Signed ? 0x7FFF_FFFFu : 0xFFFF_FFFFu;
        int count = 0;
        for (int i = 0; i < preActivations.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(preActivations[i]) & sign;
            // Relu: negative values have the sign bit, and are no int above 0.
            scratch[count] = ((ulong)bits << 32) | ~(uint)i;
            count += (int)bits > 0 ? 1 : 0;
        }
        Span<ulong> candidates = scratch[..count];
        int kept = Math.Min(count, latents.Length);
        if (kept < count)
            LargestKeys.Partition(candidates, kept);
        candidates = candidates[..kept];
        candidates.Sort(static (x, y) => y.CompareTo(x));
        for (int j = 0; j < kept; j++)
        {
            latents[j] = (int)~(uint)candidates[j];
            values[j] = preActivations[latents[j]];
        }
        return kept;
    }
}
