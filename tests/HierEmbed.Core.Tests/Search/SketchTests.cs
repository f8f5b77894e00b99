using HierEmbed.Core.Numerics;
using HierEmbed.Core.Search;

namespace HierEmbed.Core.Tests.Search;

/// <summary>The arithmetic that candidates are found by.</summary>
public sealed class SketchTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Score_AnyRow_IsTheSumOfItsLookups(bool plain)
    {
        const int rows = 5 * RowSketches.GroupRows;
        var random = new Random(1);
        byte[] sketches = new byte[RowSketches.BytesOf(rows)], sketch = new byte[SketchAxes.SketchBytes], lookups = new byte[SketchAxes.SketchDims / 2 * 16];
        for (int i = 0; i < lookups.Length; i++)
            lookups[i] = (byte)random.Next(128);
        var expected = new ushort[rows];
        for (int row = 0; row < rows; row++)
        {
            random.NextBytes(sketch);
            RowSketches.Put(sketches, row, sketch);
            for (int i = 0; i < sketch.Length; i++)
                expected[row] += (ushort)(lookups[(32 * i) + (sketch[i] & 15)] + lookups[(32 * i) + 16 + (sketch[i] >> 4)]);
        }
        var scores = new ushort[rows];
        RowSketches.Score(sketches, lookups, scores, plain);
        Assert.Equal(expected, scores);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(64, 10)]
    [InlineData(200, 31)]
    public void Multiply_RowsOfBytes_PlainAndVectorizedAgreeAndAreNear(int dims, int rows)
    {
        var random = new Random(2);
        float[] values = [.. Enumerable.Range(0, rows * dims).Select(_ => random.NextSingle() - 0.5f)], vector = [.. Enumerable.Range(0, dims).Select(_ => random.NextSingle() - 0.5f)];
        ByteRows rounded = ByteRows.Round(values, dims);
        float[] plain = new float[rows], fast = new float[rows], exact = new float[rows];
        rounded.Multiply(vector, plain, plain: true);
        rounded.Multiply(vector, fast);
        RowProducts.Multiply(vector, values, dims, exact);
        Assert.Equal(plain, fast);
        // Half a step of 1/127 of .5 a value, its sign at random.
        Assert.All(exact.Zip(fast), pair => Assert.Equal(pair.First, pair.Second, 0.005f * MathF.Sqrt(dims)));
    }

    [Fact]
    public void Kth_ScoresOfBothSigns_IsTheOneThatSortingGives()
    {
        var random = new Random(3);
        float[] scores = [.. Enumerable.Range(0, 1003).Select(i => i % 5 == 0 ? 0.25f : random.NextSingle() - 0.5f), float.NegativeInfinity, -0f, 0f];
        float[] sorted = [.. scores.OrderDescending()];
        foreach (int k in new[] { 1, 2, 200, 500, 1005, 1006 })
            Assert.Equal(sorted[k - 1], LargestScores.Kth(scores, k));
    }

    [Fact]
    public void Cut_TiesForTheLastPlace_GoToTheFirstRows()
    {
        (int[] rows, float[] scores) = Shortlist.Cut([2, 4, 6, 8, 10], [1, 0.5f, 2, 0.5f, 0.5f], 3, except: 6);
        Assert.Equal([2, 4, 8], rows);
        Assert.Equal([1, 0.5f, 0.5f], scores);
    }

    [Fact]
    public void Fit_RowsAlongFewAxes_FindsThemInTheirOrder()
    {
        const int dims = 40, rows = 500;
        var random = new Random(4);
        float[] values = new float[rows * dims];
        for (int row = 0; row < rows; row++)
        {
            for (int axis = 0; axis < 5; axis++)
                values[(row * dims) + (7 * axis)] = (10 - axis) * (random.NextSingle() - 0.5f);
        }
        (float[] axes, float[] energies) = PrincipalAxes.Fit(values, dims, 8);
        Assert.Equal(energies.OrderDescending(), energies);
        float[] products = new float[64];
        RowProducts.Multiply(axes, axes, dims, products);
        for (int i = 0; i < 64; i++)
            Assert.Equal(i % 9 == 0 ? 1 : 0, products[i], 1e-4f);
        float total = values.Sum(value => value * value);
        Assert.Equal(total, energies.Take(5).Sum(), 1e-3f * total);
        Assert.All(energies.Skip(5), energy => Assert.InRange(energy, 0, 1e-4f * total));
    }
}
