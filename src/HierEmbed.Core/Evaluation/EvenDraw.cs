namespace HierEmbed.Core.Evaluation;

/// <summary>Draws rows without replacement, each as likely as any other.</summary>
public static class EvenDraw
{
    /// <summary>Draws rows.</summary>
    /// <param name="rows">Rows to draw from.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="seed">The same seed draws the same rows.</param>
    /// <returns>Row numbers, ascending: all where there are no more than <paramref name="most"/>.</returns>
    /// <remarks>Selection sampling (Knuth, The Art of Computer Programming 2, algorithm S).</remarks>
    public static int[] Of(int rows, int most, int seed)
    {
        if (rows <= most)
            return [.. Enumerable.Range(0, rows)];
        var random = new Random(seed);
        var drawn = new int[most];
        for (int row = 0, count = 0; count < most; row++)
        {
            if (random.Next(rows - row) < most - count)
                drawn[count++] = row;
        }
        return drawn;
    }
}
