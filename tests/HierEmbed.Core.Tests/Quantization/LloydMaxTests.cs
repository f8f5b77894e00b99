using HierEmbed.Core.Quantization;

namespace HierEmbed.Core.Tests.Quantization;

public sealed class LloydMaxTests
{
    /// <summary>Least errors for a Gaussian of unit variance: Max 1960, table I.</summary>
    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(2, 0.3634)]
    [InlineData(4, 0.1175)]
    [InlineData(8, 0.03454)]
    [InlineData(16, 0.009497)]
    [InlineData(32, 0.002499)]
    public void Fit_Gaussian_MeetsMaxsTable(int levels, double error)
    {
        float[] sample = Gaussian(200_000, seed: 3);
        ScalarQuantizer quantizer = LloydMax.Fit(sample, levels);
        Assert.Equal(error, quantizer.Distortion, 0.03 * error);
        Assert.Equal(quantizer.Distortion, sample.Average(x => Math.Pow(x - quantizer.Nearest(x), 2)), 1e-4 * error);
        // And on numbers that the levels were not fitted to.
        Assert.Equal(error, Gaussian(200_000, seed: 4).Average(x => Math.Pow(x - quantizer.Nearest(x), 2)), 0.04 * error);
    }

    [Fact]
    public void Fit_TwoGroups_PutsALevelOnEachMean()
    {
        ScalarQuantizer quantizer = LloydMax.Fit([-3, -1, 9, 10, 11], 2);
        Assert.Equal([-2f, 10f], quantizer.Levels.ToArray());
        Assert.Equal((0, 1), (quantizer.Index(-5), quantizer.Index(5)));
        // Halfway: the lower.
        Assert.Equal(0, quantizer.Index(4));
    }

    [Fact]
    public void Fit_FewerValuesThanLevels_RebuildsThem()
    {
        float[] sample = [1, 1, 2, 7];
        ScalarQuantizer quantizer = LloydMax.Fit(sample, 16);
        Assert.Equal(sample, sample.Select(quantizer.Nearest));
        Assert.Equal(quantizer.Levels.ToArray().Order(), quantizer.Levels.ToArray());
    }

    private static float[] Gaussian(int count, int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        Array.Sort(values);
        return values;
    }
}
