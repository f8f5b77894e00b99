using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace HierEmbed.Training.Losses;

/// <summary>Counts which latents a batch's codes activate.</summary>
internal static class LatentUses
{
    /// <summary>Adds the uses of each latent.</summary>
    /// <param name="code">The codes.</param>
    /// <param name="uses">Uses by latent, <c>[latentDims]</c>.</param>
    /// <returns>Active components in all rows together.</returns>
    public static long Count(TopKSelection code, Span<long> uses)
    {
        using var scope = NewDisposeScope();
        ReadOnlySpan<long> latents = MemoryMarshal.Cast<byte, long>(code.Latents.contiguous().bytes);
        ReadOnlySpan<float> values = MemoryMarshal.Cast<byte, float>(code.Values.detach().to_type(ScalarType.Float32).contiguous().bytes);
        long active = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] == 0)
                continue;
            uses[(int)latents[i]]++;
            active++;
        }
        return active;
    }
}
