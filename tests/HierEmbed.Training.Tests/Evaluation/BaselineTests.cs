using System.Numerics.Tensors;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Evaluation;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Evaluation;
using HierEmbed.Training.Evaluation.Baselines;
using HierEmbed.Training.Randomness;

namespace HierEmbed.Training.Tests.Evaluation;

public sealed class BaselineTests
{
    private const int Dims = 48;

    private static readonly string[] Methods = ["truncation", "sign bits", "ITQ", "signed PCA", "bit-allocated PCA", "PQ"];

    private static readonly NormalizedRows Train = CorrelatedRows.Make(2500, Dims, 1), Test = CorrelatedRows.Make(1200, Dims, 2);

    [Fact]
    public void At_EveryBudget_AllSixWithinTheirBytesAndBetterWithMore()
    {
        BaselineCodings baselines = BaselineCodings.Fit(Train.ToArray(), Dims, seed: 1, threads: 2);
        var evaluation = new RetrievalEvaluation(Test, new RetrievalOptions { MaxQueries = 300 }, TorchRowProduct.Multiply);
        var before = Methods.ToDictionary(method => method, _ => 0.0);
        foreach (int bytes in new[] { 4, 8, 16, 32, 64 })
        {
            IDocumentCoding[] codings = [.. baselines.At(bytes)];
            Assert.Equal(Methods, codings.Select(coding => coding.Cost.Method));
            foreach (IDocumentCoding coding in codings)
            {
                Assert.InRange(coding.Cost.BytesPerRow, 1, bytes);
                RetrievalFigures figures = evaluation.Measure(coding);
                // Signs end at one bit a dimension, and what has all the bits that it can use cannot gain: queries' noise only.
                Assert.True(figures.Recall10 > before[coding.Cost.Method] - 0.01, $"{coding.Cost.Method} at {bytes}: {figures.Recall10}");
                before[coding.Cost.Method] = figures.Recall10;
            }
        }
        // 64 bytes for 48 dims: a byte a dimension loses next to nothing, and a sign a dimension much.
        Assert.All(Methods.Where(method => method is not ("sign bits" or "ITQ")), method => Assert.InRange(before[method], 0.93, 1));
        Assert.InRange(before["ITQ"], 0.3, 0.9);
    }

    [Fact]
    public void At_EightBytes_RanksBaselinesAsTheirErrorSays()
    {
        BaselineCodings baselines = BaselineCodings.Fit(Train.ToArray(), Dims, seed: 1, threads: 2);
        var evaluation = new RetrievalEvaluation(Test, new RetrievalOptions { MaxQueries = 300 }, TorchRowProduct.Multiply);
        Dictionary<string, RetrievalFigures> figures = baselines.At(8).Select(evaluation.Measure).ToDictionary(f => f.Cost.Method);
        // Rows are Gaussian about few directions: where bits are shared out by variance is best, and cutting dimensions off worst.
        Assert.Equal("bit-allocated PCA", figures.MaxBy(pair => pair.Value.Recall10).Key);
        Assert.Equal("truncation", figures.MinBy(pair => pair.Value.Recall10).Key);
        Assert.True(figures["bit-allocated PCA"].Fvu < figures["ITQ"].Fvu);
    }

    [Fact]
    public void At_SameSeed_RebuildsTheSameRowsWhateverTheThreads()
    {
        float[] rows = Test.ToArray()[..(50 * Dims)];
        float[][] Once(int threads) => [.. BaselineCodings.Fit(Train.ToArray(), Dims, seed: 3, threads).At(16).Select(coding =>
        {
            var decoded = new float[rows.Length];
            coding.Reconstruct(rows, decoded);
            return decoded;
        })];
        Assert.Equal(Once(1), Once(2));
    }

    [Fact]
    public void Reconstruct_RowsTogetherOrAlone_IsTheSame()
    {
        float[] rows = Test.ToArray()[..(8 * Dims)];
        foreach (IDocumentCoding coding in BaselineCodings.Fit(Train.ToArray(), Dims, seed: 3, threads: 1).At(16))
        {
            float[] together = new float[rows.Length], alone = new float[Dims];
            coding.Reconstruct(rows, together);
            for (int row = 0; row < 8; row++)
            {
                coding.Reconstruct(rows.AsSpan(row * Dims, Dims), alone);
                // A product of one row adds up in another order, so a value may lie on the other side of a level's boundary: one of them at most.
                Assert.InRange(Enumerable.Range(0, Dims).Count(d => Math.Abs(alone[d] - together[(row * Dims) + d]) > 0.05f), 0, 1);
            }
        }
    }

    [Fact]
    public void Fit_FewRows_StillGivesAllSix()
    {
        float[] few = Train.ToArray()[..(12 * Dims)];
        foreach (IDocumentCoding coding in BaselineCodings.Fit(few, Dims, seed: 1, threads: 1).At(16))
        {
            var decoded = new float[few.Length];
            coding.Reconstruct(few, decoded);
            Assert.True(TensorPrimitives.Norm<float>(decoded) > 0.1f, coding.Cost.Method);
            Assert.True(decoded.All(float.IsFinite), coding.Cost.Method);
        }
    }

    [Theory]
    [InlineData(60)]
    [InlineData(500)]
    public void At_SmallTrainingSet_ScalarBaselinesUseTheirBytes(int trainingRows)
    {
        const int dims = 96;
        NormalizedRows few = CorrelatedRows.Make(trainingRows, dims, 1), unseen = CorrelatedRows.Make(600, dims, 2);
        BaselineCodings baselines = BaselineCodings.Fit(few.ToArray(), dims, seed: 1, threads: 2);
        var evaluation = new RetrievalEvaluation(unseen, new RetrievalOptions { MaxQueries = 300 }, TorchRowProduct.Multiply);
        string[] methods = ["truncation", "bit-allocated PCA"];
        var before = methods.ToDictionary(method => method, _ => 0.0);
        // So many rows about their mean span no more directions than this: bits for others would tell rounding apart.
        int components = Math.Min(dims, trainingRows - 1);
        foreach (int bytes in new[] { 16, 32, 64, 128, 256 })
        {
            foreach (IDocumentCoding coding in baselines.At(bytes).Where(coding => methods.Contains(coding.Cost.Method)))
            {
                string method = coding.Cost.Method;
                // Truncation may do better with 4 bits of every coordinate than with 8 of some.
                Assert.InRange(coding.Cost.BytesPerRow, Math.Min(bytes, method == "truncation" ? dims / 2 : components), bytes);
                double recall = evaluation.Measure(coding).Recall10;
                Assert.True(recall >= before[method] - 0.005, $"{method} at {bytes}: {recall} after {before[method]}");
                before[method] = recall;
            }
        }
        Assert.True(before["truncation"] > 0.95, $"{before["truncation"]}");
    }

    [Theory]
    // Max 1960, table I, for 1 to 5 bits; Jayant and Noll 1984, table 4.3, for 6 and 7.
    [InlineData(1, 0.3634)]
    [InlineData(2, 0.1175)]
    [InlineData(3, 0.03454)]
    [InlineData(4, 0.009497)]
    [InlineData(5, 0.002499)]
    [InlineData(6, 0.0006442)]
    [InlineData(7, 0.0001635)]
    public void GaussianLevels_OfAGaussian_HaveTheErrorOfTheTables(int bits, double error)
    {
        var random = new SeededRandom(5, RandomPurpose.Initialization, 1);
        float[] sample = [.. Enumerable.Range(0, 200_000).Select(_ => (float)(3 + (2 * random.NextGaussian())))];
        Assert.InRange(GaussianLevels.For(sample, bits).Distortion / (4 * error), 0.97, 1.03);
    }

    [Fact]
    public void Fit_EqualRows_AreRefused()
    {
        var equal = new float[10 * Dims];
        Array.Fill(equal, 1 / MathF.Sqrt(Dims));
        Assert.Equal(ProblemTypes.UntrainableData, Assert.Throws<DatasetException>(() => BaselineCodings.Fit(equal, Dims, seed: 1, threads: 1)).Type);
    }
}
