using HierEmbed.Core.Evaluation;
using HierEmbed.Training.Evaluation;
using HierEmbed.Training.Evaluation.Labels;
using HierEmbed.Training.Randomness;

namespace HierEmbed.Training.Tests.Evaluation;

public sealed class LabelEvaluationTests
{
    private const int Dims = 16, Classes = 5;

    [Fact]
    public void Measure_SeparateGroups_FindsThemAndNoiseDoesNot()
    {
        LabelEvaluation evaluation = Create(600, 300)!;
        Assert.Equal((Classes, 600, 300), (evaluation.Classes, evaluation.TrainRows, evaluation.TestRows));

        LabelFigures full = evaluation.MeasureFull();
        Assert.InRange(full.LogisticAccuracy, 0.97, 1);
        Assert.InRange(full.LogisticMacroF1, 0.97, 1);
        Assert.InRange(full.NearestAccuracy, 0.97, 1);
        Assert.InRange(full.AdjustedRand, 0.6, 1);
        Assert.InRange(full.Silhouette!.Value, 0.2, 1);

        LabelFigures noise = evaluation.Measure(new Noise());
        Assert.Equal("noise", noise.Method);
        // One class in five.
        Assert.InRange(noise.LogisticAccuracy, 0.1, 0.3);
        Assert.InRange(noise.NearestAccuracy, 0.1, 0.3);
        Assert.InRange(noise.AdjustedRand, -0.05, 0.05);
        Assert.InRange(noise.Silhouette!.Value, -0.1, 0.2);
    }

    [Fact]
    public void MeasureFull_Twice_GivesTheSameFigures() => Assert.Equal(Create(200, 100)!.MeasureFull(), Create(200, 100)!.MeasureFull());

    [Fact]
    public void Create_OneClass_GivesNone()
    {
        (NormalizedRows rows, _) = Groups(50, 1);
        Assert.Null(LabelEvaluation.Create(rows, [.. Enumerable.Repeat("a", 50)], rows, [.. Enumerable.Repeat("a", 50)], seed: 1));
    }

    [Fact]
    public void Create_LabelsThatAreTooFew_AreRefused()
    {
        (NormalizedRows rows, string?[] labels) = Groups(50, 1);
        Assert.Throws<ArgumentException>(() => LabelEvaluation.Create(rows, labels, rows, labels[1..], seed: 1));
    }

    [Fact]
    public void Create_RowsWithoutAClass_AreLeftOut()
    {
        (NormalizedRows rows, string?[] labels) = Groups(50, 1);
        labels[3] = null;
        labels[4] = "of one row alone";
        LabelEvaluation evaluation = LabelEvaluation.Create(rows, labels, rows, labels, seed: 1)!;
        Assert.Equal((48, 48), (evaluation.TrainRows, evaluation.TestRows));
    }

    private static LabelEvaluation? Create(int trainRows, int testRows)
    {
        (NormalizedRows train, string?[] trainLabels) = Groups(trainRows, 1);
        (NormalizedRows test, string?[] testLabels) = Groups(testRows, 2);
        return LabelEvaluation.Create(train, trainLabels, test, testLabels, seed: 4);
    }

    /// <summary>Rows about an axis for each class.</summary>
    private static (NormalizedRows Rows, string?[] Labels) Groups(int rows, long seed)
    {
        var random = new SeededRandom(seed, RandomPurpose.Initialization, 2);
        float[] values = [.. Enumerable.Range(0, rows * Dims).Select(i => (float)((0.2 * random.NextGaussian()) + (i % Dims == i / Dims % Classes ? 1 : 0)))];
        return (new NormalizedRows(new RowMatrix(values, rows, Dims), rows, 0), [.. Enumerable.Range(0, rows).Select(row => $"class {row % Classes}")]);
    }

    private sealed class Noise : IDocumentCoding
    {
        private readonly SeededRandom random = new(9, RandomPurpose.Initialization, 2);

        public CodingCost Cost { get; } = new("noise", 0, 0);

        public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded)
        {
            foreach (ref float value in decoded)
                value = (float)random.NextGaussian();
        }
    }
}
