using HierEmbed.Training.Randomness;

namespace HierEmbed.Training.Tests;

/// <summary>Rows made of a few of many directions, common ones more often than rare ones, with a little noise: what a sparse code can find.</summary>
internal static class SyntheticRows
{
    public static RowMatrix Sparse(int rows, int dims, long seed, int directions = 96, int active = 5)
    {
        // The directions are the same for every seed, so that held-out rows come from the same source.
        var source = new SeededRandom(0, RandomPurpose.Initialization, 1);
        var atoms = new double[directions, dims];
        for (int i = 0; i < directions; i++)
        {
            for (int d = 0; d < dims; d++)
                atoms[i, d] = source.NextGaussian() / Math.Sqrt(dims);
        }
        var random = new SeededRandom(seed, RandomPurpose.Initialization, 2);
        var values = new float[rows * dims];
        for (int row = 0; row < rows; row++)
        {
            Span<float> target = values.AsSpan(row * dims, dims);
            for (int d = 0; d < dims; d++)
                target[d] = (float)(0.3 + (0.02 * random.NextGaussian()));
            for (int i = 0; i < active; i++)
            {
                // Squaring a uniform number makes low directions common.
                int direction = (int)(directions * Math.Pow(random.NextDouble(), 2));
                double amount = 0.5 + random.NextDouble();
                for (int d = 0; d < dims; d++)
                    target[d] += (float)(amount * atoms[direction, d]);
            }
        }
        return new RowMatrix(values, rows, dims);
    }

    public static RowMatrix Uniform(int rows, int dims, long seed)
    {
        var random = new SeededRandom(seed, RandomPurpose.Initialization, 3);
        var values = new float[rows * dims];
        foreach (ref float value in values.AsSpan())
            value = (float)random.NextDouble();
        return new RowMatrix(values, rows, dims);
    }
}
