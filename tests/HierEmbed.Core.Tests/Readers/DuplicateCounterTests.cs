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

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    public void Count_AllRowsEqual_IsAllButOneHoweverManyThereAre(int capacity)
    {
        var counter = new DuplicateCounter(capacity);
        for (int row = 0; row < 100_000; row++)
            counter.Add(Hash(7));
        Assert.Equal((99_999, true), (counter.Count(), counter.IsExact));
    }

    [Fact]
    public void Count_AboveCapacityWithoutDuplicates_IsNone()
    {
        var counter = new DuplicateCounter(capacity: 4096);
        for (int row = 0; row < 100_000; row++)
            counter.Add(Hash(row));
        Assert.Equal((0, false), (counter.Count(), counter.IsExact));
    }

    /// <summary>Whether the one row is in the sample or not, with each seed that its copies meet.</summary>
    [Fact]
    public void Count_OneRowWithVeryManyCopiesAboveCapacity_IsWithinTheErrorOfTheOthers()
    {
        for (int copied = 0; copied < 40; copied++)
        {
            var counter = new DuplicateCounter(capacity: 4096);
            for (int row = 0; row < 30_000; row++)
            {
                counter.Add(Hash(row));
                counter.Add(Hash(copied));
            }
            // 30,000 different rows from a sample of about 3,750: a standard deviation of 490, of which three are left and three more may come.
            Assert.InRange(counter.Count(), 27_000, 33_000);
        }
    }

    [Fact]
    public void Add_MoreRowsThanCapacity_HoldsNoMoreBytes()
    {
        var counter = new DuplicateCounter(capacity: 4096);
        for (int row = 0; row < 200_000; row++)
        {
            counter.Add(Hash(row % 150_000));
            Assert.InRange(counter.Bytes, 0, 8192 * 16);
        }
        Assert.Equal(64 << 20, BytesOfFull(DuplicateCounter.DefaultCapacity));
    }

    [Fact]
    public void Add_OtherCounters_CountsWhatOneWould()
    {
        DuplicateCounter one = new(capacity: 4096), merged = new(capacity: 4096);
        for (int file = 0; file < 10; file++)
        {
            var part = new DuplicateCounter(capacity: 4096);
            for (int row = 0; row < 5_000; row++)
            {
                ulong hash = Hash((file * 3_000) + row);
                part.Add(hash);
                one.Add(hash);
            }
            merged.Add(part);
        }
        Assert.False(merged.IsExact);
        Assert.Equal(one.Count(), merged.Count());
    }

    private static long BytesOfFull(int capacity)
    {
        var counter = new DuplicateCounter(capacity);
        for (int row = 0; row <= capacity; row++)
            counter.Add(Hash(row));
        return counter.Bytes;
    }

    private static ulong Hash(int row) => DuplicateCounter.HashOf([row, 1, 2]);
}
