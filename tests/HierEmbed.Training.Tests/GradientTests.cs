using HierEmbed.Core.Recipes;
using HierEmbed.Training.Losses;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using HierEmbed.Training.Randomness;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests;

public sealed class GradientTests
{
    private const int InputDims = 6, LatentDims = 12, BatchRows = 5;

    public static TheoryData<string> Losses => ["relu, one k", "relu, nested", "signed, nested", "relu, nested, prefixes", "signed, nested, prefixes", "sigmoid output"];

    /// <summary>
    /// Central differences in float64 with a step of 1e-6: their error is about 1e-10, so 1e-7 relative to the largest entry leaves room
    /// and finds any wrong term. The selection does not change inside so small a step.
    /// </summary>
    [Theory]
    [MemberData(nameof(Losses))]
    public void ComputeGradients_TinyNetwork_MatchFiniteDifferences(string loss)
    {
        (ResolvedRecipe recipe, IObjective objective, IReadOnlyList<int> prefixes) = Make(loss);
        using var scope = NewDisposeScope();
        Tensor rows = Random([BatchRows, InputDims], 9);
        using var step = new AutogradStep(recipe, objective, RandomParameters(recipe));
        using BatchGradients gradients = step.ComputeGradients(rows, prefixes);

        using NetworkParameters probe = step.Parameters.Clone();
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

    [Fact]
    public void ComputeGradients_Called_ChangesNothing()
    {
        SmallTraining small = SmallTraining.Of("matryoshka");
        using var scope = NewDisposeScope();
        using NetworkParameters start = NetworkInitialization.Create(small.Recipe, 1, new double[16]);
        using var step = new AutogradStep(small.Recipe, Objectives.For(small.Recipe, 1), start.Clone());
        using BatchGradients gradients = step.ComputeGradients(Random([BatchRows, 16], 9).to_type(ScalarType.Float32), small.Recipe.Prefixes);
        Assert.Equal(start.Encoder.bytes.ToArray(), step.Parameters.Encoder.bytes.ToArray());
        Assert.All(step.Adam.First.Encoder.data<float>().ToArray(), m => Assert.Equal(0, m));
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("sparse")]
    public void AdamUpdate_ThreeSteps_FollowsTheFormula(string preset)
    {
        SmallTraining small = SmallTraining.Of(preset);
        Recipe r = small.Recipe.Recipe;
        using var scope = NewDisposeScope();
        using NetworkParameters parameters = NetworkParameters.Zeros(small.Recipe);
        using var adam = new AdamState(small.Recipe);
        double m = 0, v = 0, w = 0;
        foreach (int t in new[] { 1, 2, 3 })
        {
            double g = t * 1e-6; // small, so that the place of ε shows
            adam.Update(parameters, [.. parameters.All.Select(p => full_like(p, g))], r.LearningRate, t);
            m = (r.Beta1 * m) + ((1 - r.Beta1) * g);
            v = (r.Beta2 * v) + ((1 - r.Beta2) * g * g);
            double mHat = m / (1 - Math.Pow(r.Beta1, t)), correction = Math.Sqrt(1 - Math.Pow(r.Beta2, t));
            w -= preset == "seed"
                ? r.LearningRate * correction * mHat / (Math.Sqrt(v) + r.Epsilon) // Keras
                : r.LearningRate * mHat / ((Math.Sqrt(v) / correction) + r.Epsilon); // PyTorch
        }
        // float32 moments: seven digits.
        Assert.All(parameters.All, p => Assert.Equal(w, p.data<float>()[0], Math.Abs(w) * 1e-5));
    }

    private static (ResolvedRecipe Recipe, IObjective Objective, IReadOnlyList<int> Prefixes) Make(string loss)
    {
        bool sigmoid = loss.StartsWith("sigmoid", StringComparison.Ordinal);
        Recipe recipe = RecipePresets.Get(sigmoid ? "seed" : "matryoshka") with
        {
            LatentDims = LatentDims,
            TrainKs = loss.Contains("nested", StringComparison.Ordinal) ? [1, 2, 4] : [3],
            PrefixDivisors = loss.Contains("prefixes", StringComparison.Ordinal) ? [4, 2] : [],
            Activation = loss.StartsWith("signed", StringComparison.Ordinal) ? CodeActivation.Signed : CodeActivation.Relu,
            ActivityPenalty = sigmoid ? 0.01 : 0,
        };
        ResolvedRecipe resolved = recipe.Resolve(InputDims, 100) with { OutputSlices = sigmoid ? [2, 4, 6] : [] };
        return (resolved, Objectives.For(resolved, totalVariance: 3.5), resolved.Prefixes);
    }

    private static NetworkParameters RandomParameters(ResolvedRecipe recipe)
    {
        using NetworkParameters zeros = NetworkParameters.Zeros(recipe);
        NetworkParameters parameters = zeros.Clone(ScalarType.Float64);
        for (int i = 0; i < parameters.All.Count; i++)
            Random(parameters.All[i].shape, i).bytes.CopyTo(parameters.All[i].bytes);
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
