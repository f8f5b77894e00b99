namespace HierEmbed.Core.Evaluation;

/// <summary>Agreement of two orders.</summary>
public static class RankCorrelation
{
    /// <summary>Spearman's ρ: Pearson's correlation of the ranks, equal values sharing their mean rank (Spearman 1904; as scipy.stats.spearmanr).</summary>
    /// <param name="a">Values, finite, at least two.</param>
    /// <param name="b">As many values.</param>
    /// <returns>−1 to 1; NaN where one side is constant.</returns>
    /// <exception cref="ArgumentException">The lengths differ or are below 2.</exception>
    public static double Spearman(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length || a.Length < 2)
            throw new ArgumentException($"Found {a.Length} and {b.Length} values; expected two lists of one length, from 2.", nameof(b));
        return OfRanks(MeanRanks(a), MeanRanks(b));
    }

    /// <summary>The same of <see cref="MeanRanks"/>, for one side that is compared with many others.</summary>
    internal static double OfRanks(double[] ranksA, double[] ranksB)
    {
        // Mean ranks add up to the same whatever is tied.
        double mean = (ranksA.Length + 1) / 2.0, ab = 0, aa = 0, bb = 0;
        for (int i = 0; i < ranksA.Length; i++)
        {
            double x = ranksA[i] - mean, y = ranksB[i] - mean;
            ab += x * y;
            aa += x * x;
            bb += y * y;
        }
        return ab / Math.Sqrt(aa * bb);
    }

    /// <summary>Ranks from 1, ascending; equal values share the mean of theirs.</summary>
    internal static double[] MeanRanks(ReadOnlySpan<float> values)
    {
        float[] sorted = values.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        var ranks = new double[sorted.Length];
        for (int first = 0; first < sorted.Length;)
        {
            int end = first + 1;
            while (end < sorted.Length && sorted[end] == sorted[first])
                end++;
            for (int i = first; i < end; i++)
                ranks[order[i]] = (first + 1 + end) / 2.0;
            first = end;
        }
        return ranks;
    }
}
