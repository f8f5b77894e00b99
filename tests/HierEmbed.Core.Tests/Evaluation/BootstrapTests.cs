using HierEmbed.Core.Evaluation;

namespace HierEmbed.Core.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Fact]
    public void Difference_ManyQueries_IsTheNormalInterval()
    {
        var random = new Random(3);
        float[] a = [.. Enumerable.Range(0, 900).Select(_ => random.Next(11) / 10f)], b = [.. a.Select(x => x - 0.05f + (0.2f * (random.NextSingle() - 0.5f)))];
        double[] differences = [.. a.Zip(b, (x, y) => (double)x - y)];
        double mean = differences.Average(), error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / differences.Length / differences.Length);

        BootstrapInterval interval = PairedBootstrap.Difference(a, b, seed: 1);
        Assert.Equal(mean, interval.Difference, 1e-9);
        // 2,000 resamples know a percentile to about 6 % of the standard error.
        Assert.Equal(mean - (1.96 * error), interval.Low, 0.25 * error);
        Assert.Equal(mean + (1.96 * error), interval.High, 0.25 * error);
        Assert.False(interval.IsTie);
    }

    [Fact]
    public void Difference_PairedFigures_SeesWhatUnpairedNoiseWouldHide()
    {
        // Queries differ by much more than the methods, which always differ by the same.
        float[] a = [.. Enumerable.Range(0, 100).Select(i => i / 100f)], b = [.. a.Select(x => x - 0.01f)];
        BootstrapInterval interval = PairedBootstrap.Difference(a, b, seed: 1);
        Assert.Equal(0.01, interval.Low, 1e-6);
        Assert.False(interval.IsTie);
    }

    [Fact]
    public void Difference_NoDifferenceOnAverage_IsATie()
    {
        float[] a = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? 0.4f : 0.6f)], b = [.. a.Select(x => 1 - x)];
        Assert.True(PairedBootstrap.Difference(a, b, seed: 1).IsTie);
    }

    [Fact]
    public void Difference_SameSeed_GivesTheSameInterval()
    {
        float[] a = [.. Enumerable.Range(0, 50).Select(i => i % 7 / 7f)], b = [.. Enumerable.Range(0, 50).Select(i => i % 5 / 5f)];
        Assert.Equal(PairedBootstrap.Difference(a, b, 5), PairedBootstrap.Difference(a, b, 5));
        Assert.NotEqual(PairedBootstrap.Difference(a, b, 5), PairedBootstrap.Difference(a, b, 6));
    }

    [Fact]
    public void Difference_OtherLengths_AreRefused() => Assert.Throws<ArgumentException>(() => PairedBootstrap.Difference([1, 2], [1], 0));
}
