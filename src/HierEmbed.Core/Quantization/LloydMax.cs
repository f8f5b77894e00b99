namespace HierEmbed.Core.Quantization;

/// <summary>Levels of least mean squared error for a sample (Lloyd 1982, Max 1960): boundaries halfway between levels, levels at the mean of their cells.</summary>
public static class LloydMax
{
    private const int MaxIterations = 100;
    private const double Converged = 1e-5;

    /// <summary>Fits levels.</summary>
    /// <param name="sorted">The sample, ascending, finite, from one value.</param>
    /// <param name="levelCount">How many levels, from 1.</param>
    /// <remarks>
    /// Starts from the sample's quantiles drawn out from its median by √3: levels of least error are as dense as the cube root of the density
    /// (Panter and Dite 1951), which for a Gaussian is a Gaussian √3 as wide. A cell without values keeps its level.
    /// </remarks>
    public static ScalarQuantizer Fit(ReadOnlySpan<float> sorted, int levelCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sorted.Length, 1, nameof(sorted));
        ArgumentOutOfRangeException.ThrowIfLessThan(levelCount, 1);
        int n = sorted.Length;
        var sums = new double[n + 1];
        double squares = 0;
        for (int i = 0; i < n; i++)
        {
            sums[i + 1] = sums[i] + sorted[i];
            squares += (double)sorted[i] * sorted[i];
        }
        double[] levels = Start(sorted, levelCount);
        double before = double.PositiveInfinity;
        for (int iteration = 0; ; iteration++)
        {
            // Σ|x − level|² = Σx² − Σ over cells of (2 level · sum − count · level²), at the cells' means or where an empty cell's level stays.
            double distortion = squares;
            int first = 0;
            for (int cell = 0; cell < levelCount; cell++)
            {
                int end = cell + 1 < levelCount ? first + CountUpTo(sorted[first..], (levels[cell] + levels[cell + 1]) / 2) : n;
                double sum = sums[end] - sums[first];
                if (end > first)
                {
                    levels[cell] = sum / (end - first);
                    distortion -= sum * sum / (end - first);
                }
                first = end;
            }
            distortion = Math.Max(distortion / n, 0);
            if (iteration == MaxIterations || before - distortion <= Converged * distortion)
                return new ScalarQuantizer(Array.ConvertAll(levels, level => (float)level), distortion);
            before = distortion;
        }
    }

    private static double[] Start(ReadOnlySpan<float> sorted, int levelCount)
    {
        float median = sorted[sorted.Length / 2];
        var levels = new double[levelCount];
        for (int i = 0; i < levelCount; i++)
        {
            float quantile = sorted[(int)((i + 0.5) / levelCount * sorted.Length)];
            levels[i] = Math.Clamp(median + (Math.Sqrt(3) * (quantile - median)), sorted[0], sorted[^1]);
        }
        return levels;
    }

    /// <summary>How many values are at most a boundary.</summary>
    private static int CountUpTo(ReadOnlySpan<float> sorted, double boundary)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (sorted[middle] <= boundary)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
