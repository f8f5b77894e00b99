using System.Numerics;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Core.Tests.Codes.Packed;

public sealed class PackedCodeTests
{
    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(2, 2, 3)]
    [InlineData(7, 3, 5)]
    [InlineData(64, 64, 2)]
    [InlineData(64, 60, 4)]
    [InlineData(96, 20, 7)]
    [InlineData(1000, 33, 11)]
    [InlineData(4096, 19, 6)]
    [InlineData(4096, 200, 16)]
    [InlineData(65536, 64, 128)]
    public void WriteThenRead_CodesOnTheGrid_ComeBackBitForBit(int latentDims, int k, int levels)
    {
        PackedCodeFormat format = PackedCodeFormat.ForK(latentDims, k, Grid(levels));
        var random = new Random(latentDims + k);
        for (int trial = 0; trial < 300; trial++)
        {
            // Full codes mostly; and codes at one end, where few choices are likely.
            int active = trial % 3 == 0 ? random.Next(k + 1) : k;
            int[] indices = trial % 10 == 0 ? [.. Enumerable.Range(0, active)]
                : trial % 10 == 1 ? [.. Enumerable.Range(latentDims - active, active)]
                : Sample(random, latentDims, active);
            float scale = CodeScale.Value(random.Next(60, CodeScale.Steps));
            float[] values = [.. indices.Select(_ => format.Grid.Levels[random.Next(levels)] * scale * (random.Next(2) == 0 ? 1 : -1))];
            AssertComesBack(format, new SparseCode(latentDims, indices, values, 0));
        }
    }

    [Fact]
    public void WriteThenRead_EverySubsetOfAFew_ComesBack()
    {
        PackedCodeFormat format = PackedCodeFormat.ForK(9, 4, Grid(2));
        for (int chosen = 0; chosen < 512; chosen++)
        {
            int[] indices = [.. Enumerable.Range(0, 9).Where(latent => ((chosen >> latent) & 1) != 0)];
            if (indices.Length <= 4)
                AssertComesBack(format, new SparseCode(9, indices, [.. indices.Select(index => format.Grid.Levels[index % 2] * CodeScale.Value(200))], 0));
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(256)]
    public void ForBytes_4096Latents_HoldsAsManyComponentsAsInformationAllows(int bytes)
    {
        PackedCodeFormat format = PackedCodeFormat.ForBytes(4096, bytes, Grid(6));
        Assert.Equal(bytes, format.BytesPerVector);
        // 256 scales × C(4096, k) choices × 12^k values: all of them, and at most 0.1 bits for everything else.
        var codes = new BigInteger(256);
        int k = 0;
        while (BigInteger.Log(codes * (4096 - k) / (k + 1) * 12, 2) + 0.1 <= 8 * bytes)
        {
            codes = codes * (4096 - k) / (k + 1) * 12;
            k++;
        }
        Assert.Equal(k, format.K);
    }

    [Fact]
    public void Write_ValuesOffTheGrid_AreRoundedByLessThanTheGridIsWide()
    {
        PackedCodeFormat format = PackedCodeFormat.ForK(256, 8, new ValueGrid([.. Enumerable.Range(1, 32).Select(i => i / 32f)]));
        var random = new Random(5);
        var row = new byte[format.BytesPerVector];
        for (int trial = 0; trial < 50; trial++)
        {
            float[] values = [.. Enumerable.Range(0, 8).Select(_ => (float)(random.NextDouble() - 0.5))];
            new PackedCodeWriter(format).Write(new SparseCode(256, Sample(random, 256, 8), values, 0), row);
            SparseCode read = new PackedCodeReader(format).Read(row);
            float largest = values.Max(MathF.Abs);
            for (int i = 0; i < 8; i++)
                Assert.Equal(values[i], read.Values[i], largest / 32);
        }
    }

    [Fact]
    public void Read_AnyBytes_GivesACode()
    {
        PackedCodeFormat format = PackedCodeFormat.ForK(500, 20, Grid(5));
        var random = new Random(9);
        var row = new byte[format.BytesPerVector];
        for (int trial = 0; trial < 2000; trial++)
        {
            random.NextBytes(row);
            if (trial < 4)
                row.AsSpan().Fill(new byte[] { 0, 255, 127, 128 }[trial]);
            SparseCode code = new PackedCodeReader(format).Read(row);
            Assert.True(code.Indices.Length <= 20);
            for (int i = 0; i < code.Indices.Length; i++)
                Assert.True(code.Indices[i] < 500 && (i == 0 ? code.Indices[i] >= 0 : code.Indices[i] > code.Indices[i - 1]));
            Assert.All(code.Values, value => Assert.True(float.IsFinite(value) && value != 0));
        }
    }

    [Fact]
    public void Formats_ThatCannotBe_AreRefused()
    {
        ValueGrid grid = Grid(4);
        Assert.Throws<ArgumentException>(() => new PackedCodeFormat(1000, 20, grid, 8));
        Assert.Throws<ArgumentException>(() => PackedCodeFormat.ForBytes(4096, 2, grid));
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedCodeFormat.ForK(10, 11, grid));
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedCodeFormat.ForK(PackedCodeFormat.MaxLatentDims + 1, 1, grid));
        Assert.Throws<ArgumentException>(() => new ValueGrid([0.5f]));
        Assert.Throws<ArgumentException>(() => new ValueGrid([0.5f, 0.5f]));
        Assert.Throws<ArgumentException>(() => new ValueGrid([0, 0.5f]));
        Assert.Throws<ArgumentException>(() => new ValueGrid([0.5f, float.NaN]));
        Assert.Throws<ArgumentException>(() => new PackedCodeWriter(PackedCodeFormat.ForK(10, 1, grid)).Write(new SparseCode(10, [1, 2], [1, 1], 0), new byte[3]));
    }

    [Fact]
    public void Fit_Levels_AreNearTheirCellsMeans()
    {
        var random = new Random(3);
        SparseCode[] codes = [.. Enumerable.Range(0, 200).Select(_ => new SparseCode(50, [.. Enumerable.Range(0, 10)], [.. Enumerable.Range(0, 10).Select(_ => (float)random.NextDouble())], 0))];
        ValueGrid grid = ValueGrid.Fit(4, codes);
        // Nearly uniform magnitudes below 1: levels are nearly the centres of equal cells.
        for (int i = 0; i < 4; i++)
            Assert.Equal((i + 0.5) / 4, grid.Levels[i], 0.06);
        Assert.Equal(3, ValueGrid.Fit(3, []).Levels.Length);
    }

    internal static ValueGrid Grid(int levels) => new([.. Enumerable.Range(0, levels).Select(i => (i + 0.6f) / levels)]);

    internal static int[] Sample(Random random, int latentDims, int count)
    {
        int[] all = [.. Enumerable.Range(0, latentDims)];
        random.Shuffle(all);
        int[] indices = all[..count];
        Array.Sort(indices);
        return indices;
    }

    private static void AssertComesBack(PackedCodeFormat format, SparseCode code)
    {
        var row = new byte[format.BytesPerVector];
        new PackedCodeWriter(format).Write(code, row);
        SparseCode read = new PackedCodeReader(format).Read(row);
        Assert.Equal(code.Indices, read.Indices);
        Assert.Equal(code.Values, read.Values);
    }
}
