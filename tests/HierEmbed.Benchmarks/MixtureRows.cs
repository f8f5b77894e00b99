using HierEmbed.Core.Scaling;

namespace HierEmbed.Benchmarks;

/// <summary>Rows of a mixture of Gaussians, the same for the same seed, whose principal variances follow those of sentence embeddings.</summary>
/// <remarks>
/// The i-th variance is i^−0.4 · exp(−i / 90): within a tenth of what the embeddings of 40,000 WordNet words have down to the 128th, relative to the first. Half of it lies
/// between 2,000 centres. The axes are mixed by a Hadamard transform with random signs, so that none of them is special.
/// </remarks>
internal sealed class MixtureRows
{
    private const int Centres = 2000;

    private readonly Random random;
    private readonly int dims;
    private readonly float[] deviations;
    private readonly float[] signs;
    private readonly float[] centres;

    /// <param name="dims">A power of two.</param>
    /// <param name="seed">Seed of everything.</param>
    public MixtureRows(int dims, int seed)
    {
        this.dims = dims;
        random = new Random(seed);
        deviations = [.. Enumerable.Range(1, dims).Select(i => MathF.Sqrt(MathF.Pow(i, -0.4f) * MathF.Exp(-i / 90f) / 2))];
        signs = [.. Enumerable.Range(0, dims).Select(_ => random.Next(2) == 0 ? -1f : 1f)];
        centres = [.. Enumerable.Range(0, Centres * dims).Select(at => deviations[at % dims] * Gaussian())];
    }

    /// <summary>The next rows, <c>[rows, dims]</c>, of unit length.</summary>
    public float[] Next(int rows)
    {
        var values = new float[rows * dims];
        for (int row = 0; row < rows; row++)
        {
            Span<float> target = values.AsSpan(row * dims, dims);
            int centre = random.Next(Centres) * dims;
            for (int d = 0; d < dims; d++)
                target[d] = (centres[centre + d] + (deviations[d] * Gaussian())) * signs[d];
            Hadamard(target);
            RowNormalization.L2Normalize(target, target);
        }
        return values;
    }

    private static void Hadamard(Span<float> values)
    {
        for (int half = 1; half < values.Length; half *= 2)
        {
            for (int block = 0; block < values.Length; block += 2 * half)
            {
                for (int i = block; i < block + half; i++)
                    (values[i], values[i + half]) = (values[i] + values[i + half], values[i] - values[i + half]);
            }
        }
    }

    private float Gaussian() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
