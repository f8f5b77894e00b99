using HierEmbed.Core.Numerics;
using HierEmbed.Core.Search;

namespace HierEmbed.Core.Tests.Search;

/// <summary>The arithmetic that candidates are found by.</summary>
public sealed class SketchTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sum_AnyRow_IsTheSumOfItsLookups(bool plain)
    {
        const int groups = 5, rows = groups * RowSketches.GroupRows, step = 3;
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
        var sums = new ushort[rows];
        RowSketches.Sum(sketches, lookups, 1, sums, plain);
        Assert.Equal(expected, sums);
        Assert.Equal(expected, Enumerable.Range(0, rows).Select(row => RowSketches.SumOf(sketches, lookups, row)));

        sums = new ushort[2 * RowSketches.GroupRows];
        RowSketches.Sum(sketches, lookups, step, sums, plain);
        Assert.Equal([.. expected[..RowSketches.GroupRows], .. expected.Skip(step * RowSketches.GroupRows).Take(RowSketches.GroupRows)], sums);

        var reaching = new ulong[groups];
        foreach (ushort least in new ushort[] { 0, expected[70], (ushort)(expected.Max() + 1) })
        {
            RowSketches.Reaching(sketches, lookups, least, reaching, plain);
            Assert.Equal(expected.Select(sum => sum >= least), Enumerable.Range(0, rows).Select(row => ((reaching[row / 64] >> (row % 64)) & 1) != 0));
        }
    }

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(1000, 500)]
    [InlineData(4000, 3000)]
    public void Find_RowsOfTwoBlocks_AreThoseThatReachTheBoundOfTheSample(int wanted, int least)
    {
        var random = new Random(5);
        byte[] lookups = new byte[SketchAxes.SketchDims / 2 * 16];
        for (int i = 0; i < lookups.Length; i++)
            lookups[i] = (byte)random.Next(128);
        // The first block's groups that a sample looks at are of rows that score as high as any can: the bound that they give is far too high.
        for (int pair = 0; pair < SketchAxes.SketchDims / 2; pair++)
            lookups[16 * pair] = 127;
        IndexBlock[] blocks = [SketchedBlock(0, 5000, random, sampledAlike: true), SketchedBlock(5000, 7777, random, sampledAlike: false)];
        var query = new SketchedQuery(lookups, 1, 0, default);
        int[] sums = [.. blocks.SelectMany(block => Enumerable.Range(0, block.Rows).Select(row => (int)RowSketches.SumOf(block.Sketches.Span, lookups, row)))];
        int[] found = SketchCandidates.Find(blocks, query, wanted, least);
        Assert.True(found.Length >= least);
        // More than the 192 rows of those groups are wanted: all scores have been looked at.
        Assert.True(least < 200 || found.Length >= wanted);
        int bound = found.Min(row => sums[row]);
        Assert.Equal(Enumerable.Range(0, sums.Length).Where(row => sums[row] >= bound), found);
        Assert.Equal(found.Select(row => (float)sums[row]), SketchCandidates.Scores(blocks, query, found));
    }

    private static IndexBlock SketchedBlock(int first, int rows, Random random, bool sampledAlike)
    {
        byte[] sketches = new byte[RowSketches.BytesOf(rows)], sketch = new byte[SketchAxes.SketchBytes];
        for (int row = 0; row < rows; row++)
        {
            random.NextBytes(sketch);
            if (sampledAlike && row / RowSketches.GroupRows % 32 == 0)
                sketch.AsSpan().Clear();
            RowSketches.Put(sketches, row, sketch);
        }
        return new IndexBlock(first, new CodeRecords(new byte[rows * CodeRecords.BytesOf(0)], 0, [0]), sketches, null);
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
            Assert.Equal((sorted[k - 1], scores.Count(score => score > sorted[k - 1])), LargestScores.Kth(scores, k));
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
