using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class DuplicateCounterTests
{
    [Fact]
    public void Count_BelowCapacity_IsExact()
    {
        var counter = new DuplicateCounter();
        foreach (int row in (int[])[1, 2, 3, 2, 2, 1])
            counter.Add(Hash(row));
        Assert.Equal((3, true), (counter.Count(), counter.IsExact));
    }

    [Fact]
    public void Count_AboveCapacity_IsAnEstimate()
    {
        var counter = new DuplicateCounter(capacity: 4096);
        for (int row = 0; row < 60_000; row++)
            counter.Add(Hash(row % 40_000));
        Assert.False(counter.IsExact);
        // 20,000 of them, from a sample of about one in 16: a standard deviation of 4 %.
        Assert.InRange(counter.Count(), 16_000, 24_000);
    }

    private static ulong Hash(int row) => DuplicateCounter.HashOf([row, 1, 2]);
}
