namespace HierEmbed.Core.Evaluation;

/// <summary>How many of the true neighbours a ranking finds.</summary>
public static class Recall
{
    /// <summary>Share of the true neighbours that stand among the first of a ranking.</summary>
    /// <param name="truth">The true neighbours, best first, no row twice.</param>
    /// <param name="found">The ranking, best first, no row twice.</param>
    /// <param name="neighbours">How many of the true ones count; at most as many as there are do.</param>
    /// <param name="shortlist">How many of the ranking count: with more than <paramref name="neighbours"/>, the recall after these are ranked again by the true score.</param>
    /// <exception cref="ArgumentException">There is no true neighbour.</exception>
    public static double Of(ReadOnlySpan<int> truth, ReadOnlySpan<int> found, int neighbours, int shortlist)
    {
        if (truth.IsEmpty)
            throw new ArgumentException("There is no true neighbour to find.", nameof(truth));
        ReadOnlySpan<int> wanted = truth[..Math.Min(neighbours, truth.Length)];
        ReadOnlySpan<int> first = found[..Math.Min(shortlist, found.Length)];
        int hits = 0;
        foreach (int row in wanted)
            hits += first.Contains(row) ? 1 : 0;
        return (double)hits / wanted.Length;
    }
}
