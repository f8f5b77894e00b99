namespace HierEmbed.Core.Tests.Search;

/// <summary>Rows as embeddings lie: many near a few centres, most of their variance in few directions.</summary>
internal static class Clusters
{
    /// <summary>Rows of unit length, <c>[rows, dims]</c>, the same every time.</summary>
    public static float[] Rows(int rows, int dims, int seed)
    {
        var random = new Random(seed);
        float[] mean = [.. Enumerable.Range(0, dims).Select(_ => 0.3f * Gaussian(random) / MathF.Sqrt(dims))];
        float[] centres = [.. Enumerable.Range(0, 40 * dims).Select(at => Decay(at % dims) * Gaussian(random))];
        var values = new float[rows * dims];
        for (int row = 0; row < rows; row++)
        {
            int centre = random.Next(40) * dims;
            Span<float> target = values.AsSpan(row * dims, dims);
            double squares = 0;
            for (int d = 0; d < dims; d++)
            {
                target[d] = mean[d] + centres[centre + d] + (Decay(d) * Gaussian(random));
                squares += (double)target[d] * target[d];
            }
            foreach (ref float value in target)
                value = (float)(value / Math.Sqrt(squares));
        }
        return values;
    }

    private static float Decay(int dimension) => 1 / MathF.Sqrt(1 + dimension);

    private static float Gaussian(Random random) => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
