namespace HierEmbed.Core.Evaluation;

/// <summary>Scores of a sample of pairs: every query with rows spread evenly over all, itself excluded.</summary>
internal sealed class PairSample
{
    /// <summary>A correlation of so many pairs errs by half a hundredth at most.</summary>
    private const int MaxPairs = 50_000;

    private readonly int[] queries;
    private readonly int[] sampledRows;
    private readonly float[] scores;

    /// <param name="queries">Rows that are queries, ascending.</param>
    /// <param name="rows">Number of rows.</param>
    public PairSample(int[] queries, int rows)
    {
        this.queries = queries;
        int count = Math.Clamp(MaxPairs / queries.Length, 1, rows);
        sampledRows = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * rows / count))];
        scores = new float[count * queries.Length];
    }

    /// <summary>Takes what belongs to the sample.</summary>
    /// <param name="first">Number of the slice's first row.</param>
    /// <param name="sliceRows">Rows in the slice.</param>
    /// <param name="slice">Scores <c>[queries, sliceRows]</c>.</param>
    public void Take(int first, int sliceRows, ReadOnlySpan<float> slice)
    {
        int i = Array.BinarySearch(sampledRows, first);
        for (i = i < 0 ? ~i : i; i < sampledRows.Length && sampledRows[i] < first + sliceRows; i++)
        {
            for (int q = 0; q < queries.Length; q++)
                scores[(i * queries.Length) + q] = slice[(q * sliceRows) + sampledRows[i] - first];
        }
    }

    /// <summary>The scores in an order that only queries and rows decide.</summary>
    public float[] Scores()
    {
        var kept = new List<float>(scores.Length);
        for (int i = 0; i < scores.Length; i++)
        {
            if (sampledRows[i / queries.Length] != queries[i % queries.Length])
                kept.Add(scores[i]);
        }
        return [.. kept];
    }
}
