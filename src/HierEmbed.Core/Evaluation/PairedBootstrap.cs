namespace HierEmbed.Core.Evaluation;

/// <summary>The paired bootstrap (Efron and Tibshirani 1993): queries are drawn again with replacement, each with both methods' figures, and the percentiles of the mean difference are read off.</summary>
public static class PairedBootstrap
{
    /// <summary>Resamples by default: the percentiles' own error is then about a tenth of the interval's half width.</summary>
    public const int DefaultResamples = 2000;

    /// <summary>The 95 % interval of the mean difference.</summary>
    /// <param name="a">One method's figure for each query.</param>
    /// <param name="b">The other's, for the same queries in the same order.</param>
    /// <param name="seed">The same seed gives the same interval.</param>
    /// <param name="resamples">How often to draw, from 40.</param>
    /// <exception cref="ArgumentException">The lists are empty or of different lengths.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are too few resamples for the percentiles.</exception>
    public static BootstrapInterval Difference(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int seed, int resamples = DefaultResamples)
    {
        if (a.Length != b.Length || a.IsEmpty)
            throw new ArgumentException($"Found {a.Length} and {b.Length} figures; expected one of each for every query.", nameof(b));
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 40);
        var differences = new double[a.Length];
        for (int i = 0; i < differences.Length; i++)
            differences[i] = (double)a[i] - b[i];

        var random = new Random(seed);
        var means = new double[resamples];
        for (int r = 0; r < resamples; r++)
        {
            double sum = 0;
            for (int i = 0; i < differences.Length; i++)
                sum += differences[random.Next(differences.Length)];
            means[r] = sum / differences.Length;
        }
        Array.Sort(means);
        return new BootstrapInterval(differences.Average(), Percentile(means, 0.025), Percentile(means, 0.975));
    }

    private static double Percentile(double[] sorted, double share)
    {
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
