using HierEmbed.Core.Search;

namespace HierEmbed.Core.Tests.Search;

public sealed class ShortlistTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 1000)]
    [InlineData(7, 5)]
    [InlineData(10, 10)]
    [InlineData(10, 11)]
    [InlineData(64, 5000)]
    public void Ranked_ScoresWithTies_AreThoseOfASort(int capacity, int rows)
    {
        var random = new Random(rows);
        // Few distinct scores, both signs and both zeros: ties everywhere.
        float[] scores = [.. Enumerable.Range(0, rows).Select(_ => random.Next(4) == 0 ? -0f : random.Next(-20, 20) / 8f)];
        int except = rows / 2;
        var list = new Shortlist(capacity);
        for (int first = 0; first < rows; first += 77)
            list.Offer(first, scores.AsSpan(first, Math.Min(77, rows - first)), except);
        int[] expected = [.. Enumerable.Range(0, rows).Where(row => row != except).OrderByDescending(row => scores[row]).ThenBy(row => row).Take(capacity)];
        Assert.Equal(expected.Select(row => (row, scores[row])), list.RankedWithScores());
        Assert.Equal(expected, list.Ranked());
        Assert.Equal(expected.Order(), list.ByRow().Rows);
    }
}
