using System.Numerics.Tensors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;
using HierEmbed.Training.Export;

namespace HierEmbed.Training.Tests;

public sealed class PrincipalAxesTests
{
    [Theory]
    [InlineData(ScalingMode.Centre)]
    [InlineData(ScalingMode.None)]
    public void Run_Pca_AxesDiagonalizeTheCovarianceByFallingVariance(ScalingMode scaling)
    {
        SmallTraining small = Pca(r => r with { Scaling = scaling });
        TrainedNetwork network = small.Train();
        Assert.Equal(16, network.LatentDims);
        Assert.Equal(network.Encoder, network.Decoder);
        double[,] covariance = Covariance(small, network);
        double total = Enumerable.Range(0, 16).Sum(i => covariance[i, i]);
        for (int i = 0; i < 16; i++)
        {
            ReadOnlySpan<float> axis = network.Decoder.AsSpan(i * 16, 16);
            Assert.Equal(1, TensorPrimitives.Norm(axis), 1e-6f);
            Assert.True(axis[TensorPrimitives.IndexOfMaxMagnitude(axis)] > 0, $"axis {i} points the other way");
            Assert.True(i == 0 || covariance[i, i] <= covariance[i - 1, i - 1], $"variance rises at axis {i}");
            // Axes and components are rounded to float32.
            for (int j = 0; j < i; j++)
                Assert.True(Math.Abs(covariance[i, j]) < 1e-6 * total, $"components {i} and {j} correlate: {covariance[i, j]:g3}");
        }
    }

    [Fact]
    public void Run_Pca_AllComponentsReconstructAndFewerLoseTheTail()
    {
        SmallTraining small = Pca();
        EvaluationFigures figures = small.Measure(small.Train(), 4, 16);
        Assert.Equal(0, figures.ByK[1].Fvu, 1e-6);
        Assert.InRange(figures.ByK[0].Fvu, 0.05, 0.6);
        Assert.Equal((4.0, 16.0), (figures.ByK[0].L0, figures.ByK[1].L0));
    }

    [Fact]
    public void Run_Pca_IsOneEpochThatChangesNothingForAnySeed()
    {
        SmallTraining small = Pca(r => r with { Epochs = 50 });
        using Trainer trainer = small.Start();
        float[] before = trainer.BestNetwork().Decoder;
        SmallTraining.RunToEnd(trainer);
        EpochMetrics epoch = Assert.Single(trainer.History);
        Assert.Equal(1, trainer.BestEpoch);
        Assert.True(epoch is { TrainLoss: > 0, Fvu: > 0 });
        Assert.NotEqual(0f, TensorPrimitives.Norm<float>(trainer.BestNetwork().Decoder));
        Assert.Equal(small.Train(seed: 99).Decoder, trainer.BestNetwork().Decoder);
        Assert.Equal(before.Length, trainer.BestNetwork().Decoder.Length);
    }

    [Fact]
    public void Resume_PcaStoppedAfterOneStep_EqualsNotStopping()
    {
        SmallTraining small = Pca();
        using Trainer stopped = small.Start();
        Assert.False(stopped.Run(TimeSpan.Zero, 0, null, TestContext.Current.CancellationToken).Finished);
        using var checkpoint = new MemoryStream();
        stopped.Save(checkpoint);
        checkpoint.Position = 0;
        using Trainer resumed = small.Resume(checkpoint);
        SmallTraining.RunToEnd(resumed);
        Assert.Equal(small.Train().Decoder, resumed.BestNetwork().Decoder);
    }

    [Fact]
    public void Check_ExportedPca_EqualsTheNetwork()
    {
        SmallTraining small = Pca();
        TrainedNetwork network = small.Train();
        using var onnx = new MemoryStream();
        OnnxEncoder.Write(onnx, network, small.Scaler, small.Recipe, "words/0123456789abcdef");
        Assert.True(EncoderParity.Check(onnx.ToArray(), network, small.Scaler, small.Recipe, small.Rows.Validation) < 1e-5);
    }

    private static SmallTraining Pca(Func<Recipe, Recipe>? change = null) =>
        SmallTraining.Of("pca", r => (change?.Invoke(r) ?? r) with { LatentDims = null });

    /// <summary>Covariance of the encoder's components over the training rows, in float64.</summary>
    private static double[,] Covariance(SmallTraining small, TrainedNetwork network)
    {
        ScaledRows rows = ScaledRows.From(small.Rows.Train, small.Scaler, small.Recipe);
        var components = new float[rows.Rows][];
        for (int row = 0; row < rows.Rows; row++)
            network.PreActivations(rows.Row(row), components[row] = new float[network.LatentDims]);
        var covariance = new double[network.LatentDims, network.LatentDims];
        double[] mean = [.. Enumerable.Range(0, network.LatentDims).Select(i => components.Average(c => (double)c[i]))];
        foreach (float[] c in components)
        {
            for (int i = 0; i < c.Length; i++)
            {
                for (int j = 0; j < c.Length; j++)
                    covariance[i, j] += (c[i] - mean[i]) * (c[j] - mean[j]) / rows.Rows;
            }
        }
        return covariance;
    }
}
