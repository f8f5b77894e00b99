using HierEmbed.Core.Scaling;
using HierEmbed.Training.Evaluation;
using HierEmbed.Training.Randomness;

namespace HierEmbed.Training.Tests.Evaluation;

/// <summary>Gaussian rows about a mean, with a spread that falls from one hidden direction to the next: what rotations are good for.</summary>
internal static class CorrelatedRows
{
    public static NormalizedRows Make(int rows, int dims, long seed)
    {
        var source = new SeededRandom(0, RandomPurpose.Initialization, 1);
        var mix = new double[dims, dims];
        for (int i = 0; i < dims; i++)
        {
            for (int d = 0; d < dims; d++)
                mix[i, d] = source.NextGaussian() * Math.Exp(-4.0 * i / dims);
        }
        var random = new SeededRandom(seed, RandomPurpose.Initialization, 2);
        var values = new float[rows * dims];
        for (int row = 0; row < rows; row++)
        {
            Span<float> target = values.AsSpan(row * dims, dims);
            target.Fill(2);
            for (int i = 0; i < dims; i++)
            {
                double amount = random.NextGaussian();
                for (int d = 0; d < dims; d++)
                    target[d] += (float)(amount * mix[i, d]);
            }
            RowNormalization.L2Normalize(target, target);
        }
        return new NormalizedRows(new RowMatrix(values, rows, dims), rows, 0);
    }
}
