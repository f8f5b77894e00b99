using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Numpy;

namespace HierEmbed.Core.Tests.Codes.Pursuit;

public sealed class PursuitCoderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(16)]
    public void Encode_GoldenRows_EqualsScikitLearn(int k)
    {
        using NpzReader golden = NpzReader.Open("omp.npz", Golden.Open("pursuit/omp.npz"));
        var dictionary = new LinearDecoder("golden", golden.Read<float>("atoms").Values, golden.Read<float>("mean").Values);
        double[] expected = golden.Read<double>($"codes{k}").Values;
        SparseCode[] codes = new PursuitCoder(dictionary).Encode(golden.Read<float>("rows").Values, k);
        for (int row = 0; row < codes.Length; row++)
        {
            ReadOnlySpan<double> dense = expected.AsSpan(row * dictionary.LatentDims, dictionary.LatentDims);
            int[] support = [.. Enumerable.Range(0, dictionary.LatentDims).Where(latent => expected[(row * dictionary.LatentDims) + latent] != 0)];
            Assert.Equal(support, codes[row].Indices);
            // float32 against float64, times the condition of up to 16 overlapping atoms of 24 dimensions.
            for (int i = 0; i < support.Length; i++)
                Assert.Equal(dense[support[i]], codes[row].Values[i], 1e-4);
        }
    }

    [Fact]
    public void Encode_MoreAtoms_NeverLeavesMore()
    {
        LinearDecoder dictionary = Dictionaries.Make(96, 48, seed: 1);
        float[] rows = Dictionaries.Rows(20, 48, seed: 2);
        var coder = new PursuitCoder(dictionary);
        double[] before = [.. Enumerable.Repeat(double.PositiveInfinity, 20)];
        foreach (int k in new[] { 1, 2, 3, 5, 8, 13, 16, 17, 19, 24, 32, 40, 48 })
        {
            SparseCode[] codes = coder.Encode(rows, k);
            for (int row = 0; row < codes.Length; row++)
            {
                double error = Dictionaries.Error(dictionary, codes[row], rows.AsSpan(row * 48, 48));
                Assert.True(error <= before[row] + 1e-6, $"row {row} at k {k}: {error} after {before[row]}");
                before[row] = error;
            }
        }
        Assert.All(before, error => Assert.True(error < 1e-3, $"{error} is left of a row on as many atoms as dimensions"));
    }

    [Fact]
    public void Encode_AnyCutAndThreads_GivesTheSameBits()
    {
        LinearDecoder dictionary = Dictionaries.Make(130, 40, seed: 3);
        float[] rows = Dictionaries.Rows(101, 40, seed: 4);
        PackedCodeFormat format = Format(dictionary, rows, 16);
        SparseCode[] whole = new PursuitCoder(dictionary, threads: 1).Encode(rows, format);
        foreach (int threads in new[] { 1, 3, 8 })
        {
            var coder = new PursuitCoder(dictionary, threads);
            foreach (int cut in new[] { 1, 7, 33, 101 })
            {
                for (int first = 0; first < 101; first += cut)
                {
                    int count = Math.Min(cut, 101 - first);
                    SparseCode[] part = coder.Encode(rows.AsSpan(first * 40, count * 40), format);
                    for (int row = 0; row < count; row++)
                    {
                        Assert.Equal(whole[first + row].Indices, part[row].Indices);
                        Assert.Equal(whole[first + row].Values, part[row].Values);
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(40)]
    public void Encode_OnAGrid_LeavesNoMoreThanRounding(int bytes)
    {
        LinearDecoder dictionary = Dictionaries.Make(128, 64, seed: 5);
        float[] rows = Dictionaries.Rows(60, 64, seed: 6);
        PackedCodeFormat format = Format(dictionary, rows, bytes);
        var coder = new PursuitCoder(dictionary);
        SparseCode[] free = coder.Encode(rows, format.K), onGrid = coder.Encode(rows, format);
        double before = 0, after = 0;
        for (int row = 0; row < free.Length; row++)
        {
            // The scale that the largest value asks for is among those that are tried, and no step from there adds to the error.
            float scale = CodeScale.Value(CodeScale.Nearest(free[row].Values.Max(MathF.Abs)));
            SparseCode rounded = free[row] with { Values = [.. free[row].Values.Select(value => format.Grid.Nearest(value, scale))] };
            double simple = Dictionaries.Error(dictionary, rounded, rows.AsSpan(row * 64, 64));
            double found = Dictionaries.Error(dictionary, onGrid[row], rows.AsSpan(row * 64, 64));
            Assert.True(found <= simple + 1e-5, $"row {row}: {found} after {simple}");
            before += simple;
            after += found;
        }
        Assert.True(after < 0.99 * before, $"{after} of {before}: the descent did nothing");
    }

    [Fact]
    public void Encode_RowsThatAtomsSpan_AreFound()
    {
        LinearDecoder dictionary = Dictionaries.Make(40, 64, seed: 7);
        float[] row = [.. dictionary.Mean];
        for (int d = 0; d < 64; d++)
            row[d] += (0.8f * dictionary.Atoms[(3 * 64) + d]) - (0.5f * dictionary.Atoms[(21 * 64) + d]);
        SparseCode code = new PursuitCoder(dictionary).Encode(row, 8)[0];
        Assert.Equal([3, 21], code.Indices.Where((_, i) => MathF.Abs(code.Values[i]) > 1e-3));
        Assert.Equal(0.8, code.Values[code.Indices.IndexOf(3)], 1e-4);
        Assert.Equal(-0.5, code.Values[code.Indices.IndexOf(21)], 1e-4);
    }

    [Fact]
    public void Encode_TheMeanAndEqualAtoms_GiveShortCodesOfNumbers()
    {
        float[] atoms = [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0];
        var dictionary = new LinearDecoder("m", atoms, [0.1f, 0.2f, 0.3f]);
        var coder = new PursuitCoder(dictionary);
        Assert.Empty(coder.Encode([0.1f, 0.2f, 0.3f], 4)[0].Indices);
        SparseCode code = coder.Encode([0.6f, 0.6f, 0.6f], 4)[0];
        Assert.Equal([0, 3], code.Indices);
        Assert.Equal(0.5, code.Values[0], 1e-6);
        Assert.Equal(0.4, code.Values[1], 1e-6);
    }

    [Fact]
    public void Encode_WhatDoesNotFit_IsRefused()
    {
        LinearDecoder dictionary = Dictionaries.Make(20, 8, seed: 8);
        var coder = new PursuitCoder(dictionary);
        Assert.Throws<ArgumentOutOfRangeException>(() => coder.Encode(new float[8], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => coder.Encode(new float[8], 21));
        Assert.Throws<ArgumentOutOfRangeException>(() => coder.Encode(new float[9], 2));
        Assert.Throws<ArgumentException>(() => coder.Encode(new float[8], PackedCodeFormat.ForK(21, 2, new ValueGrid([0.5f, 1]))));
        Assert.Empty(coder.Encode([], 2));
    }

    private static PackedCodeFormat Format(LinearDecoder dictionary, float[] rows, int bytes) =>
        PackedCodeFormat.FitForBytes(dictionary.LatentDims, bytes, k => new PursuitCoder(dictionary).Encode(rows, k));
}
