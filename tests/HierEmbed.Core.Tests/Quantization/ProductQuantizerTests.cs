using HierEmbed.Core.Numpy;
using HierEmbed.Core.Quantization;

namespace HierEmbed.Core.Tests.Quantization;

/// <summary>Against FAISS; made by Golden/make_evaluation.py.</summary>
public sealed class ProductQuantizerTests
{
    private const int Dims = 30, Parts = 8, TrainRows = 2000, TestRows = 400;

    [Fact]
    public void EncodeAndDecode_CodebooksOfFaiss_EqualFaiss()
    {
        using NpzReader golden = Open();
        var quantizer = new ProductQuantizer(golden.Read<float>("codebooks").Values, Parts, Dims);
        float[] rows = Rows(golden), decoded = golden.Read<float>("decoded").Values, row = new float[Dims];
        byte[] codes = golden.Read<byte>("codes").Values, code = new byte[Parts];
        for (int r = 0; r < TestRows; r++)
        {
            quantizer.Encode(rows.AsSpan((TrainRows + r) * Dims, Dims), code);
            Assert.Equal(codes[(r * Parts)..((r + 1) * Parts)], code);
            quantizer.Decode(code, row);
            Assert.Equal(decoded[(r * Dims)..((r + 1) * Dims)], row);
        }
    }

    [Fact]
    public void Fit_SameRows_ErrsAsLittleAsFaiss()
    {
        using NpzReader golden = Open();
        float[] rows = Rows(golden);
        ProductQuantizer quantizer = ProductQuantizer.Fit(rows.AsMemory(0, TrainRows * Dims), Dims, Parts, iterations: 12, seed: 5, threads: 2);
        // Another start of k-means: within 2 %.
        Assert.InRange(Error(quantizer, rows), 0, 1.02 * golden.Read<double>("error").Values[0]);
    }

    [Fact]
    public void Fit_OtherThreads_GivesTheSameCodes()
    {
        using NpzReader golden = Open();
        float[] rows = Rows(golden);
        double Once(int threads) => Error(ProductQuantizer.Fit(rows.AsMemory(0, 500 * Dims), Dims, Parts, iterations: 3, seed: 5, threads), rows);
        Assert.Equal(Once(1), Once(3));
    }

    [Fact]
    public void Fit_MorePartsThanDims_LeavesOutTheEmptyOnes()
    {
        ProductQuantizer quantizer = ProductQuantizer.Fit(new float[] { 1, 2, 3, 4, 5, 6 }, 3, 8, iterations: 2, seed: 1, threads: 1);
        Assert.Equal(3, quantizer.Parts);
        var (code, row) = (new byte[3], new float[3]);
        quantizer.Encode([4, 5, 6], code);
        quantizer.Decode(code, row);
        Assert.Equal([4, 5, 6], row);
    }

    [Fact]
    public void Constructor_CodebooksThatDoNotFit_AreRefused() => Assert.Throws<ArgumentException>(() => new ProductQuantizer(new float[2 * 256 * 4], 2, 9));

    [Fact]
    public void KMeans_DuplicatesAndOneOutlier_FillsEveryCentroid()
    {
        // All but a few start on one spot: the empty ones have to go to where the points are.
        float[] points = [.. Enumerable.Repeat(1f, 90), .. Enumerable.Range(0, 10).Select(i => 10f + i)];
        float[] centroids = KMeans.Fit(points, 1, 8, iterations: 30, seed: 2);
        double error = points.Average(p => centroids.Min(c => (double)(p - c) * (p - c)));
        // Ten spots spread over nine units and seven centroids or so for them: pairs at worst.
        Assert.InRange(error, 0, 0.1);
    }

    private static double Error(ProductQuantizer quantizer, float[] rows)
    {
        var (code, row) = (new byte[Parts], new float[Dims]);
        double sum = 0;
        for (int r = TrainRows; r < TrainRows + TestRows; r++)
        {
            quantizer.Encode(rows.AsSpan(r * Dims, Dims), code);
            quantizer.Decode(code, row);
            for (int d = 0; d < Dims; d++)
                sum += Math.Pow(row[d] - rows[(r * Dims) + d], 2);
        }
        return sum / TestRows;
    }

    private static float[] Rows(NpzReader golden) => Array.ConvertAll(golden.Read<Half>("rows").Values, value => (float)value);

    private static NpzReader Open() => NpzReader.Open("quantization.npz", Golden.Open("quantization.npz"));
}
