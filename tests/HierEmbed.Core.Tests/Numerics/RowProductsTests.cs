using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Tests.Numerics;

public sealed class RowProductsTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 3, 8)]
    [InlineData(5, 7, 9)]
    [InlineData(3, 2, 31)]
    [InlineData(9, 11, 64)]
    [InlineData(8, 500, 130)]
    [InlineData(6, 1, 1024)]
    [InlineData(0, 4, 5)]
    [InlineData(4, 0, 5)]
    public void Multiply_AnySizes_IsNearTheSumsInDouble(int aRows, int bRows, int dims)
    {
        float[] a = Numbers(aRows * dims, 1), b = Numbers(bRows * dims, 2);
        var c = new float[aRows * bRows];
        RowProducts.Multiply(a, b, dims, c);
        for (int i = 0; i < aRows; i++)
        {
            for (int j = 0; j < bRows; j++)
            {
                double sum = 0, magnitudes = 0;
                for (int d = 0; d < dims; d++)
                {
                    double term = (double)a[(i * dims) + d] * b[(j * dims) + d];
                    sum += term;
                    magnitudes += Math.Abs(term);
                }
                // Each of dims roundings is at most half a unit in the last place of a partial sum.
                Assert.InRange(c[(i * bRows) + j], sum - (dims * 6e-8 * magnitudes) - 1e-30, sum + (dims * 6e-8 * magnitudes) + 1e-30);
            }
        }
    }

    [Theory]
    [InlineData(13, 17, 45)]
    [InlineData(33, 700, 96)]
    public void Multiply_RowsCutInAnyWay_GivesTheSameBits(int aRows, int bRows, int dims)
    {
        float[] a = Numbers(aRows * dims, 3), b = Numbers(bRows * dims, 4);
        var whole = new float[aRows * bRows];
        RowProducts.Multiply(a, b, dims, whole);
        foreach (int cut in new[] { 1, 2, 3, 5, 8 })
        {
            for (int first = 0; first < aRows; first += cut)
            {
                int rows = Math.Min(cut, aRows - first);
                var part = new float[rows * bRows];
                RowProducts.Multiply(a.AsSpan(first * dims, rows * dims), b, dims, part);
                Assert.Equal(whole.AsSpan(first * bRows, rows * bRows).ToArray(), part);
            }
            for (int first = 0; first < bRows; first += cut)
            {
                int rows = Math.Min(cut, bRows - first);
                var part = new float[aRows * rows];
                RowProducts.Multiply(a, b.AsSpan(first * dims, rows * dims), dims, part);
                for (int i = 0; i < aRows; i++)
                    Assert.Equal(whole.AsSpan((i * bRows) + first, rows).ToArray(), part.AsSpan(i * rows, rows).ToArray());
            }
        }
    }

    [Fact]
    public void Multiply_SizesThatDoNotFit_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RowProducts.Multiply(new float[7], new float[6], 3, new float[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowProducts.Multiply(new float[6], new float[7], 3, new float[4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowProducts.Multiply(new float[6], new float[6], 3, new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowProducts.Multiply([], [], 0, []));
    }

    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }
}
