using System.Numerics.Tensors;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Data;

namespace HierEmbed.Training.Tests;

public sealed class ModelEvaluationTests
{
    [Theory]
    [InlineData("sparse", CodeActivation.Relu)]
    [InlineData("sparse", CodeActivation.Signed)]
    [InlineData("seed", CodeActivation.Relu)]
    public void Measure_TrainedNetwork_EqualsPlainArithmetic(string preset, CodeActivation activation)
    {
        SmallTraining small = SmallTraining.Of(preset, r => r with { Activation = activation });
        TrainedNetwork network = small.Train();
        EvaluationFigures figures = small.Measure(network, 8, 2, 500);
        Assert.Equal([2, 8, 48], figures.ByK.Select(m => m.K));
        foreach (MetricsAtK measured in figures.ByK)
        {
            (double fvu, double l0, double dead) = Plain(small, network, measured.K);
            Assert.Equal(fvu, measured.Fvu, 1e-5); // float32 sums in another order
            Assert.Equal(l0, measured.L0, 1e-9);
            if (measured.K == 48)
                Assert.Equal(dead, figures.DeadFraction, 1e-9);
        }
    }

    private static (double Fvu, double L0, double Dead) Plain(SmallTraining small, TrainedNetwork network, int k)
    {
        ScaledRows rows = ScaledRows.From(small.Rows.Validation, small.Scaler, small.Recipe);
        var preActivations = new float[network.LatentDims];
        var used = new bool[network.LatentDims];
        double residual = 0, active = 0;
        for (int row = 0; row < rows.Rows; row++)
        {
            network.PreActivations(rows.Row(row), preActivations);
            SparseCode code = CodeTruncation.KeepLargest(preActivations, k, small.Recipe.Recipe.Activation);
            float[] decoded = [.. network.DecoderBias];
            for (int i = 0; i < code.Indices.Length; i++)
            {
                ReadOnlySpan<float> atom = network.Decoder.AsSpan(code.Indices[i] * network.InputDims, network.InputDims);
                TensorPrimitives.MultiplyAdd(atom, code.Values[i], decoded, decoded);
                used[code.Indices[i]] = true;
            }
            if (small.Recipe.Recipe.Architecture == Architecture.SigmoidOutput)
                TensorPrimitives.Sigmoid(decoded, decoded);
            float distance = TensorPrimitives.Distance(decoded, rows.Row(row));
            residual += distance * distance;
            active += code.Indices.Length;
        }
        return (residual / (rows.Moments().TotalVariance * rows.Rows), active / rows.Rows, used.Count(u => !u) / (double)used.Length);
    }
}
