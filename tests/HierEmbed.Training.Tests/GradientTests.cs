using HierEmbed.Core.Recipes;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using HierEmbed.Training.Randomness;
using HierEmbed.Training.Tests.Reference;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests;

public sealed class GradientTests
{
    private const double TotalVariance = 3.5;
    private const int InputDims = 6, LatentDims = 12, BatchRows = 5;

    public static TheoryData<string> Losses => ["relu, one k", "relu, nested", "signed, nested", "relu, nested, prefixes", "signed, nested, prefixes", "sigmoid output"];

    /// <summary>
    /// Central differences in float64 with a step of 1e-6: their error is about 1e-10, so 1e-7 relative to the largest entry leaves room
    /// and finds any wrong term. The selection does not change inside so small a step.
    /// </summary>
    [Theory]
    [MemberData(nameof(Losses))]
    public void Autograd_TinyNetwork_MatchesFiniteDifferences(string loss)
    {
        (ResolvedRecipe recipe, IObjective objective, IReadOnlyList<int> prefixes) = Make(loss);
        using var scope = NewDisposeScope();
        Tensor rows = Random([BatchRows, InputDims], 9);
        using NetworkParameters probe = RandomParameters(recipe);
        using BatchGradients gradients = AutogradGradients.Compute(objective, probe, rows, prefixes);
        for (int p = 0; p < probe.All.Count; p++)
        {
            double[] analytic = gradients.Values[p].data<double>().ToArray();
            double largest = analytic.Max(Math.Abs);
            Assert.True(largest > 0, $"{NetworkParameters.Names[p]} has no gradient");
            for (int i = 0; i < analytic.Length; i++)
            {
                double numeric = Difference(objective, probe, p, i, rows, prefixes);
                Assert.True(Math.Abs(numeric - analytic[i]) < 1e-7 * Math.Max(1, largest),
                    $"{NetworkParameters.Names[p]}[{i}]: {analytic[i]:r} by autograd, {numeric:r} by differences");
            }
        }
    }

    /// <summary>Both in float32: sums of a few dozen terms in another order agree to 1e-5 of the largest entry.</summary>
    [Theory]
    [MemberData(nameof(Losses))]
    public void ComputeGradients_ClosedForm_MatchAutograd(string loss)
    {
        (ResolvedRecipe recipe, IObjective objective, IReadOnlyList<int> prefixes) = Make(loss);
        using var scope = NewDisposeScope();
        Tensor rows = Random([BatchRows, InputDims], 9).to_type(ScalarType.Float32);
        using NetworkParameters random = RandomParameters(recipe);
        using ITrainingStep step = TrainingSteps.For(recipe, TotalVariance, random.Clone(ScalarType.Float32), threads: 2);
        using NetworkParameters copy = step.Parameters.Clone();
        using BatchGradients expected = AutogradGradients.Compute(objective, copy, rows, prefixes);

        using BatchGradients found = step.ComputeGradients(rows, prefixes);

        Assert.Equal(expected.Loss, found.Loss, 1e-5 * expected.Loss);
        Assert.Equal(expected.Loss, step.Evaluate(rows, prefixes).Loss, 1e-5 * expected.Loss);
        for (int p = 0; p < expected.Values.Count; p++)
        {
            float[] byAutograd = expected.Values[p].data<float>().ToArray(), closed = found.Values[p].data<float>().ToArray();
            float tolerance = 1e-5f * Math.Max(1e-3f, byAutograd.Max(Math.Abs));
            for (int i = 0; i < byAutograd.Length; i++)
                Assert.True(Math.Abs(byAutograd[i] - closed[i]) <= tolerance, $"{NetworkParameters.Names[p]}[{i}]: {closed[i]:r}, {byAutograd[i]:r} by autograd");
        }
    }

    [Theory]
    [InlineData("matryoshka")]
    [InlineData("seed")]
    public void ComputeGradients_Called_ChangesNothing(string preset)
    {
        SmallTraining small = SmallTraining.Of(preset);
        using var scope = NewDisposeScope();
        using NetworkParameters start = RandomParameters(small.Recipe, ScalarType.Float32);
        using ITrainingStep step = TrainingSteps.For(small.Recipe, 1, start.Clone(), threads: 1);
        using BatchGradients gradients = step.ComputeGradients(Random([BatchRows, 16], 9).to_type(ScalarType.Float32), small.Recipe.Prefixes);
        Assert.Equal(start.Encoder.bytes.ToArray(), step.Parameters.Encoder.bytes.ToArray());
        Assert.All(step.Adam.First.Encoder.data<float>().ToArray(), m => Assert.Equal(0, m));
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("sparse")]
    public void AdamUpdate_ThreeSteps_FollowsTheFormula(string preset)
    {
        Recipe r = SmallTraining.Of(preset).Recipe.Recipe;
        var (weights, first, second, gradient) = (new float[37], new float[37], new float[37], new float[37]); // no multiple of a vector
        double m = 0, v = 0, w = 0;
        foreach (int t in new[] { 1, 2, 3 })
        {
            double g = t * 1e-6; // small, so that the place of ε shows
            Array.Fill(gradient, (float)g);
            new AdamUpdate(r, r.LearningRate, t).Apply(weights, first, second, gradient);
            m = (r.Beta1 * m) + ((1 - r.Beta1) * g);
            v = (r.Beta2 * v) + ((1 - r.Beta2) * g * g);
            double mHat = m / (1 - Math.Pow(r.Beta1, t)), correction = Math.Sqrt(1 - Math.Pow(r.Beta2, t));
            w -= preset == "seed"
                ? r.LearningRate * correction * mHat / (Math.Sqrt(v) + r.Epsilon) // Keras
                : r.LearningRate * mHat / ((Math.Sqrt(v) / correction) + r.Epsilon); // PyTorch
        }
        // float32 moments: seven digits.
        Assert.All(weights, found => Assert.Equal(w, found, Math.Abs(w) * 1e-4));
    }

    private static (ResolvedRecipe Recipe, IObjective Objective, IReadOnlyList<int> Prefixes) Make(string loss)
    {
        bool sigmoid = loss.StartsWith("sigmoid", StringComparison.Ordinal);
        Recipe recipe = RecipePresets.Get(sigmoid ? "seed" : "matryoshka") with
        {
            LatentDims = LatentDims,
            TrainKs = loss.Contains("nested", StringComparison.Ordinal) ? [1, 2, 4] : [3],
            PrefixDivisors = loss.Contains("prefixes", StringComparison.Ordinal) ? [4, 2] : [],
            KWeightPower = loss.Contains("nested", StringComparison.Ordinal) ? 0.7 : 0,
            PrefixWeight = loss.Contains("prefixes", StringComparison.Ordinal) ? 0.3 : 1,
            Activation = loss.StartsWith("signed", StringComparison.Ordinal) ? CodeActivation.Signed : CodeActivation.Relu,
            ActivityPenalty = sigmoid ? 0.01 : 0,
        };
        ResolvedRecipe resolved = recipe.Resolve(InputDims, 100) with { OutputSlices = sigmoid ? [2, 4, 6] : [] };
        return (resolved, Objectives.For(resolved, TotalVariance), resolved.Prefixes);
    }

    private static NetworkParameters RandomParameters(ResolvedRecipe recipe, ScalarType type = ScalarType.Float64)
    {
        using NetworkParameters zeros = NetworkParameters.Zeros(recipe);
        NetworkParameters parameters = zeros.Clone(type);
        for (int i = 0; i < parameters.All.Count; i++)
            Random(parameters.All[i].shape, i).to_type(type).bytes.CopyTo(parameters.All[i].bytes);
        return parameters;
    }

    private static Tensor Random(long[] shape, long index)
    {
        var random = new SeededRandom(3, RandomPurpose.Initialization, index);
        return tensor(Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => random.NextGaussian()).ToArray(), shape);
    }

    private static double Difference(IObjective objective, NetworkParameters probe, int parameter, int at, Tensor rows, IReadOnlyList<int> prefixes)
    {
        const double h = 1e-6;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        double Loss(double shift)
        {
            Tensor values = probe.All[parameter].view(-1);
            values[at] = values[at] + shift;
            double loss = objective.Evaluate(probe, rows, prefixes).Loss.item<double>();
            values[at] = values[at] - shift;
            return loss;
        }
        return (Loss(h) - Loss(-h)) / (2 * h);
    }
}
