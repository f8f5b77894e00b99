using HierEmbed.Core.Codes;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Core.Tests.Codes;

public sealed class CodeTruncationTests
{
    [Theory]
    [InlineData(CodeActivation.Relu)]
    [InlineData(CodeActivation.Signed)]
    public void KeepLargest_AnyCode_EqualsAFullSort(CodeActivation activation)
    {
        var random = new Random(17);
        for (int round = 0; round < 2000; round++)
        {
            int dims = random.Next(1, 70);
            // Few distinct values: most rounds have ties, zeros and -0.
            float[] values = [.. Enumerable.Range(0, dims).Select(_ => random.Next(4) switch { 0 => 0f, 1 => -0f, 2 => random.Next(-3, 4) / 2f, _ => random.NextSingle() - 0.5f })];
            int k = random.Next(1, dims + 1);
            int? prefix = random.Next(2) == 0 ? random.Next(1, dims + 1) : null;
            SparseCode code = CodeTruncation.KeepLargest(values, k, activation, prefix);
            int[] expected = [.. Enumerable.Range(0, prefix ?? dims)
                .Where(i => activation == CodeActivation.Signed ? values[i] != 0 : values[i] > 0)
                .OrderByDescending(i => activation == CodeActivation.Signed ? Math.Abs(values[i]) : values[i]).ThenBy(i => i)
                .Take(k).Order()];
            Assert.Equal(expected, code.Indices);
            Assert.Equal(expected.Select(i => values[i]), code.Values);
            Assert.Equal(dims, code.Dims);
            Assert.Equal(Math.Sqrt(expected.Sum(i => (double)values[i] * values[i])), code.Norm, 1e-6 * Math.Max(1, code.Norm));
        }
    }

    [Fact]
    public void KeepLargest_Ties_GoToTheLowerIndex() =>
        Assert.Equal([1, 2], CodeTruncation.KeepLargest([0, 2, 2, 2, 2], 2).Indices);

    [Fact]
    public void KeepLargest_OfASparseCode_EqualsThatOfTheDenseOne()
    {
        var random = new Random(4);
        for (int round = 0; round < 200; round++)
        {
            float[] values = [.. Enumerable.Range(0, 60).Select(_ => random.Next(-4, 5) / 4f)];
            SparseCode wide = CodeTruncation.KeepLargest(values, 40, CodeActivation.Signed);
            SparseCode direct = CodeTruncation.KeepLargest(values, 9, CodeActivation.Signed), narrowed = CodeTruncation.KeepLargest(wide, 9);
            Assert.Equal(direct.Indices, narrowed.Indices);
            Assert.Equal(direct.Values, narrowed.Values);
            Assert.Equal(direct.Norm, narrowed.Norm);
            Assert.Equal(60, narrowed.Dims);
        }
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(6, null)]
    [InlineData(1, 0)]
    [InlineData(1, 6)]
    public void KeepLargest_OutOfRange_IsRefused(int k, int? prefix) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CodeTruncation.KeepLargest(new float[5], k, CodeActivation.Relu, prefix));

    [Fact]
    public void ToUnitNorm_KeepsTheLengthBefore()
    {
        SparseCode unit = CodeTruncation.ToUnitNorm(CodeTruncation.KeepLargest([3, 0, 4], 2));
        Assert.Equal([0.6f, 0.8f], unit.Values);
        Assert.Equal(5, unit.Norm);
        Assert.Empty(CodeTruncation.ToUnitNorm(CodeTruncation.KeepLargest([0, -1], 2)).Values);
    }

    [Fact]
    public void Cosine_OfCodes_EqualsThatOfTheDenseVectors()
    {
        var random = new Random(8);
        for (int round = 0; round < 200; round++)
        {
            float[] a = [.. Enumerable.Range(0, 30).Select(_ => Math.Max(0, random.NextSingle() - 0.6f))], b = [.. Enumerable.Range(0, 30).Select(_ => Math.Max(0, random.NextSingle() - 0.6f))];
            // float32 dot products of 30 terms.
            Assert.Equal(CodeSimilarity.Cosine(a, b), CodeSimilarity.Cosine(CodeTruncation.KeepLargest(a, 30), CodeTruncation.KeepLargest(b, 30)), 1e-5f);
        }
        Assert.Throws<ArgumentException>(() => CodeSimilarity.Cosine(new SparseCode(3, [], [], 0), new SparseCode(4, [], [], 0)));
    }
}
