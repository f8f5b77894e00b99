namespace HierEmbed.Core.Evaluation;

/// <summary>Measures ways to store documents at equal bytes and says which is best, or that they tie.</summary>
public static class CodingComparison
{
    /// <summary>Measures every entry and compares those of the same budget.</summary>
    /// <param name="evaluation">Queries, rows and exact neighbours.</param>
    /// <param name="codings">Candidates and baselines; each is taken, measured and let go before the next is asked for.</param>
    /// <param name="storedRows">Rows that share a dictionary, from 1: the collection's, not only the evaluated ones.</param>
    /// <param name="seed">For the bootstrap.</param>
    /// <param name="cancellationToken">Looked at before each entry.</param>
    /// <exception cref="ArgumentException">An entry takes more bytes than its budget, or two of one budget share a name.</exception>
    public static ComparisonTable Run(
        RetrievalEvaluation evaluation, IEnumerable<ComparedCoding> codings, long storedRows, int seed, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(storedRows, 1);
        var figures = new List<ComparedFigures>();
        foreach (ComparedCoding entry in codings)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CodingCost cost = entry.Cost;
            if (cost.BytesPerRow > entry.BudgetBytes)
                throw new ArgumentException($"{cost.Method} takes {cost.BytesPerRow} bytes a row; its budget is {entry.BudgetBytes}.", nameof(codings));
            if (figures.Exists(other => other.BudgetBytes == entry.BudgetBytes && other.Figures.Cost.Method == cost.Method))
                throw new ArgumentException($"{cost.Method} is there twice at {entry.BudgetBytes} bytes a row; give each method a name of its own.", nameof(codings));
            figures.Add(new ComparedFigures(
                entry.BudgetBytes, entry.IsBaseline, (double)cost.DictionaryBytes / storedRows, entry.Measure(evaluation)));
        }
        return new ComparisonTable(
            figures, [.. figures.GroupBy(entry => entry.BudgetBytes).OrderBy(group => group.Key).Select(group => Judge(group.Key, [.. group], seed))]);
    }

    private static BudgetVerdict Judge(int budget, ComparedFigures[] entries, int seed)
    {
        // Of equal recall the first stays first: the sort is stable.
        ComparedFigures[] ranked = [.. entries.OrderByDescending(entry => entry.Figures.Recall10)];
        return new BudgetVerdict(
            budget,
            Name(ranked[0]),
            ranked[0].IsBaseline,
            [.. ranked.Skip(1).Where(other => Difference(ranked[0], other, seed).IsTie).Select(Name)],
            [.. from candidate in entries
                where !candidate.IsBaseline
                from baseline in entries
                where baseline.IsBaseline
                select new MethodDifference(Name(candidate), Name(baseline), Difference(candidate, baseline, seed))]);
    }

    private static string Name(ComparedFigures entry) => entry.Figures.Cost.Method;

    private static BootstrapInterval Difference(ComparedFigures a, ComparedFigures b, int seed) =>
        PairedBootstrap.Difference([.. a.Figures.Recall10ByQuery], [.. b.Figures.Recall10ByQuery], seed);
}
