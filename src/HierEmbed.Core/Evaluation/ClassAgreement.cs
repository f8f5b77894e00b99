namespace HierEmbed.Core.Evaluation;

/// <summary>How well predicted classes agree with given ones.</summary>
public static class ClassAgreement
{
    /// <summary>Share of rows whose class is predicted.</summary>
    /// <param name="truth">Class numbers, from one row.</param>
    /// <param name="predicted">As many.</param>
    /// <exception cref="ArgumentException">The lists are empty or of different lengths.</exception>
    public static double Accuracy(ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted)
    {
        Check(truth, predicted);
        int hits = 0;
        for (int i = 0; i < truth.Length; i++)
            hits += truth[i] == predicted[i] ? 1 : 0;
        return (double)hits / truth.Length;
    }

    /// <summary>Mean over the classes, given or predicted, of F1 = 2 tp / (2 tp + fp + fn) (as scikit-learn's f1_score, average macro).</summary>
    /// <param name="truth">Class numbers, from one row.</param>
    /// <param name="predicted">As many.</param>
    /// <exception cref="ArgumentException">The lists are empty or of different lengths.</exception>
    public static double MacroF1(ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted)
    {
        Check(truth, predicted);
        var hits = new Dictionary<int, int>();
        var uses = new SortedDictionary<int, int>();
        for (int i = 0; i < truth.Length; i++)
        {
            // A row adds to its class and to the predicted one: tp twice where they are the same, else fn and fp.
            uses[truth[i]] = uses.GetValueOrDefault(truth[i]) + 1;
            uses[predicted[i]] = uses.GetValueOrDefault(predicted[i]) + 1;
            if (truth[i] == predicted[i])
                hits[truth[i]] = hits.GetValueOrDefault(truth[i]) + 1;
        }
        return uses.Average(use => 2.0 * hits.GetValueOrDefault(use.Key) / use.Value);
    }

    /// <summary>The adjusted Rand index (Hubert and Arabie 1985) of two partitions: 1 where they are the same, 0 on average where they have nothing to do with each other.</summary>
    /// <param name="a">A cluster or class for each row, from one row.</param>
    /// <param name="b">As many.</param>
    /// <exception cref="ArgumentException">The lists are empty or of different lengths.</exception>
    public static double AdjustedRand(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        Check(a, b);
        var (inA, inB, inBoth) = (new Dictionary<int, int>(), new Dictionary<int, int>(), new Dictionary<(int, int), int>());
        for (int i = 0; i < a.Length; i++)
        {
            inA[a[i]] = inA.GetValueOrDefault(a[i]) + 1;
            inB[b[i]] = inB.GetValueOrDefault(b[i]) + 1;
            inBoth[(a[i], b[i])] = inBoth.GetValueOrDefault((a[i], b[i])) + 1;
        }
        double pairsA = inA.Values.Sum(Pairs), pairsB = inB.Values.Sum(Pairs), both = inBoth.Values.Sum(Pairs), all = Pairs(a.Length);
        double expected = all > 0 ? pairsA * pairsB / all : 0, most = (pairsA + pairsB) / 2;
        // Both put every row alone, or all rows together: the same partition.
        return most == expected ? 1 : (both - expected) / (most - expected);
    }

    private static double Pairs(int count) => count * (count - 1.0) / 2;

    private static void Check(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        if (a.Length != b.Length || a.IsEmpty)
            throw new ArgumentException($"Found {a.Length} and {b.Length} classes; expected one of each for every row.", nameof(b));
    }
}
