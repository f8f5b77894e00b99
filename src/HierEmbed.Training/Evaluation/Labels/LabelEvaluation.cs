using System.Numerics.Tensors;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.ClosedForm;

namespace HierEmbed.Training.Evaluation.Labels;

/// <summary>Measures what rows rebuilt from codes still say of their labels, beside the full vectors. Rows, rebuilt or not, are made of unit length first.</summary>
public sealed class LabelEvaluation
{
    /// <summary>Most training rows that classifiers learn from: each is coded anew at every budget, which takes most of the time.</summary>
    public const int MaxTrainRows = 2500;

    /// <summary>Most test rows: the silhouette's work grows with their square.</summary>
    public const int MaxTestRows = 1000;

    private readonly LabelledRows train;
    private readonly LabelledRows test;
    private readonly int dims;
    private readonly int seed;

    private LabelEvaluation(LabelledRows train, LabelledRows test, int dims, int classes, int seed)
    {
        this.train = train;
        this.test = test;
        this.dims = dims;
        this.seed = seed;
        Classes = classes;
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Training rows that have a class and are used.</summary>
    public int TrainRows => train.Classes.Length;

    /// <summary>Test rows that have a class and are used.</summary>
    public int TestRows => test.Classes.Length;

    /// <summary>Chooses rows and classes; <see cref="RowClasses"/> says which rows have one.</summary>
    /// <param name="train">Training rows.</param>
    /// <param name="trainLabels">Their labels, null where there is none.</param>
    /// <param name="test">Test rows.</param>
    /// <param name="testLabels">Their labels.</param>
    /// <param name="seed">Draws rows where there are too many, and starts k-means.</param>
    /// <returns>Null where fewer than two classes have both training and test rows: there is nothing to tell apart.</returns>
    /// <exception cref="ArgumentException">There are more or fewer labels than rows.</exception>
    public static LabelEvaluation? Create(
        IEvaluationRows train, IReadOnlyList<string?> trainLabels, IEvaluationRows test, IReadOnlyList<string?> testLabels, int seed)
    {
        if (train.Rows != trainLabels.Count || test.Rows != testLabels.Count)
            throw new ArgumentException($"Found {trainLabels.Count} and {testLabels.Count} labels for {train.Rows} and {test.Rows} rows; expected one for each.", nameof(testLabels));
        var classes = new RowClasses(trainLabels);
        LabelledRows learnt = Choose(train, trainLabels, classes, MaxTrainRows, seed), measured = Choose(test, testLabels, classes, MaxTestRows, seed);
        return measured.Classes.Distinct().Count() < 2 || learnt.Classes.Distinct().Count() < 2
            ? null
            : new LabelEvaluation(learnt, measured, train.Dims, classes.Names.Count, seed);
    }

    /// <summary>Measures the full vectors.</summary>
    public LabelFigures MeasureFull() => Measure("full", train, test);

    /// <summary>Measures rebuilt rows: classifiers learn from rebuilt training rows and are tried on rebuilt test rows.</summary>
    public LabelFigures Measure(IDocumentCoding coding) => Measure(coding.Cost.Method, Rebuild(coding, train), Rebuild(coding, test));

    private LabelFigures Measure(string method, LabelledRows learnt, LabelledRows measured)
    {
        int[] predicted = Predictions.Logistic(learnt, measured, dims, Classes, seed);
        int[] clusters = Predictions.Clusters(measured, dims, measured.Classes.Distinct().Count(), seed);
        return new LabelFigures(
            method,
            ClassAgreement.Accuracy(measured.Classes, predicted),
            ClassAgreement.MacroF1(measured.Classes, predicted),
            ClassAgreement.Accuracy(measured.Classes, Nearest(learnt, measured)),
            ClassAgreement.AdjustedRand(measured.Classes, clusters),
            Silhouette.Mean(measured.Values, dims, clusters));
    }

    private int[] Nearest(LabelledRows learnt, LabelledRows measured)
    {
        var cosines = new float[measured.Classes.Length * learnt.Classes.Length];
        TorchRowProduct.Multiply(measured.Values, learnt.Values, dims, cosines);
        return [.. measured.Classes.Select((_, row) => learnt.Classes[TensorPrimitives.IndexOfMax<float>(cosines.AsSpan(row * learnt.Classes.Length, learnt.Classes.Length))])];
    }

    private LabelledRows Rebuild(IDocumentCoding coding, LabelledRows rows)
    {
        var decoded = new float[rows.Values.Length];
        coding.Reconstruct(rows.Values, decoded);
        for (int at = 0; at < decoded.Length; at += dims)
            RowNormalization.L2Normalize(decoded.AsSpan(at, dims), decoded.AsSpan(at, dims));
        return rows with { Values = decoded };
    }

    private static LabelledRows Choose(IEvaluationRows rows, IReadOnlyList<string?> labels, RowClasses classes, int most, int seed)
    {
        int[] labelled = [.. Enumerable.Range(0, rows.Rows).Where(row => classes.Of(labels[row]) is not null)];
        int[] chosen = [.. EvenDraw.Of(labelled.Length, most, seed).Select(i => labelled[i])];
        var values = new float[chosen.Length * rows.Dims];
        for (int i = 0; i < chosen.Length; i++)
            rows.Read(chosen[i], values.AsSpan(i * rows.Dims, rows.Dims));
        return new LabelledRows(values, [.. chosen.Select(row => classes.Of(labels[row])!.Value)]);
    }
}
