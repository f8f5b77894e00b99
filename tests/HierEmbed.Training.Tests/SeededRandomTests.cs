using HierEmbed.Training.Randomness;

namespace HierEmbed.Training.Tests;

public sealed class SeededRandomTests
{
    [Fact]
    public void NextWord_KnownSeed_NeverChanges()
    {
        // What a seed means is part of every model's manifest.
        var random = new SeededRandom(42, RandomPurpose.Shuffle, 3);
        Assert.Equal([5938634387349202112UL, 5056836333592371822UL], new[] { random.NextWord(), random.NextWord() });
    }

    [Fact]
    public void Permutation_Any_HoldsEachRowOnce()
    {
        int[] order = new SeededRandom(1, RandomPurpose.Shuffle, 0).Permutation(1000);
        Assert.Equal(Enumerable.Range(0, 1000), order.Order());
        Assert.NotEqual(order, new SeededRandom(1, RandomPurpose.Shuffle, 1).Permutation(1000));
    }

    [Fact]
    public void NextGaussian_ManyDraws_HaveMeanZeroAndVarianceOne()
    {
        var random = new SeededRandom(5, RandomPurpose.Initialization, 0);
        double[] draws = [.. Enumerable.Range(0, 100_000).Select(_ => random.NextGaussian())];
        Assert.Equal(0, draws.Average(), 0.02); // six standard errors
        Assert.Equal(1, draws.Average(v => v * v), 0.03);
    }
}
