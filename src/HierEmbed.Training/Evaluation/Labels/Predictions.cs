using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace HierEmbed.Training.Evaluation.Labels;

/// <summary>Classes and clusters by ML.NET's trainers, on one thread, so that a seed decides them.</summary>
internal static class Predictions
{
    // Rows are of unit length, so weights are large where classes are told apart: scikit-learn's C = 10, which was the best of 1, 10 and 100.
    private const float Regularization = 0.1f;
    private const int Iterations = 100;

    /// <summary>The classes that a multinomial logistic regression on training rows gives test rows.</summary>
    public static int[] Logistic(LabelledRows train, LabelledRows test, int dims, int classes, int seed)
    {
        var context = new MLContext(seed);
        var options = new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            L1Regularization = 0,
            L2Regularization = Regularization,
            MaximumNumberOfIterations = Iterations,
            OptimizationTolerance = 1e-4f,
            NumberOfThreads = 1,
        };
        var model = context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(options).Fit(Example.View(context, train, dims, classes));
        return Numbers(model.Transform(Example.View(context, test, dims, classes)));
    }

    /// <summary>A cluster for each row, by k-means.</summary>
    public static int[] Clusters(LabelledRows rows, int dims, int clusters, int seed)
    {
        var context = new MLContext(seed);
        var options = new KMeansTrainer.Options { NumberOfClusters = clusters, NumberOfThreads = 1 };
        IDataView view = Example.View(context, rows, dims, clusters);
        return Numbers(context.Clustering.Trainers.KMeans(options).Fit(view).Transform(view));
    }

    private static int[] Numbers(IDataView predicted) => [.. predicted.GetColumn<uint>("PredictedLabel").Select(number => (int)number - 1)];
}
