using System.Numerics.Tensors;
using HierEmbed.Core.Codes.Pursuit;

namespace HierEmbed.Core.Search;

/// <summary>What an even sample of codes decodes to.</summary>
internal static class DecodedSample
{
    /// <summary>Reads it.</summary>
    /// <param name="sources">The codes.</param>
    /// <param name="rows">All of them, from one.</param>
    /// <param name="dictionary">The dictionary.</param>
    /// <returns>x̂/|x̂|, <c>[rows, inputDims]</c>; zeros where x̂ has no length.</returns>
    public static float[] Read(IReadOnlyList<ICodeRows> sources, long rows, LinearDecoder dictionary)
    {
        int k = sources.Max(source => source.K), dims = dictionary.InputDims;
        int[] latents = new int[k];
        float[] values = new float[k];
        byte[] symbols = new byte[k];
        long[] sample = [.. SketchAxes.Sample(rows)];
        var decoded = new float[sample.Length * dims];
        int source = 0;
        long first = 0;
        for (int i = 0; i < sample.Length; i++)
        {
            while (sample[i] - first >= sources[source].Rows)
                first += sources[source++].Rows;
            int active = sources[source].Read(sample[i] - first, latents, symbols, out float scale);
            for (int c = 0; c < active; c++)
                values[c] = sources[source].Levels[symbols[c]] * scale;
            Span<float> row = decoded.AsSpan(i * dims, dims);
            dictionary.Decode(latents.AsSpan(0, active), values.AsSpan(0, active), row);
            float norm = TensorPrimitives.Norm<float>(row);
            if (norm > 0)
                TensorPrimitives.Divide(row, norm, row);
        }
        return decoded;
    }
}
