using HierEmbed.Core.Recipes;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using HierEmbed.Training.Randomness;
using HierEmbed.Training.Tests.Reference;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests;

/// <summary>Gradients of every preset against autograd, at sizes that reach every path: blocks of rows and tiles that end in the midst, more panels of columns than shares of them, the last one of five columns.</summary>
public sealed class PresetGradientTests
{
    private const double TotalVariance = 3.5;
    private const int InputDims = 581, LatentDims = 140, BatchRows = 150;

    public static TheoryData<string, CodeActivation, bool, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, CodeActivation, bool, bool>();
            foreach (string preset in (string[])["matryoshka", "sparse"])
            {
                foreach (CodeActivation activation in Enum.GetValues<CodeActivation>())
                {
                    foreach (bool allPrefixes in preset == "sparse" ? (bool[])[false] : [false, true])
                    {
                        cases.Add(preset, activation, allPrefixes, true);
                        cases.Add(preset, activation, allPrefixes, false);
                    }
                }
            }
            return cases;
        }
    }

    /// <summary>Both in float32; autograd's sums have another order, so entries agree to 1e-5 of the array's largest.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void ComputeGradients_OfPreset_MatchAutograd(string preset, CodeActivation activation, bool allPrefixes, bool isPacked)
    {
        ResolvedRecipe recipe = (RecipePresets.Get(preset) with { LatentDims = LatentDims, BatchRows = BatchRows, Activation = activation, AllPrefixes = allPrefixes, TrainKs = preset == "sparse" ? [11] : [3, 8, 21] })
            .Resolve(InputDims, 1000);
        using ITrainingStep step = new ClosedFormTopKStep(recipe, TotalVariance, RandomParameters(recipe), threads: 2, isPacked);
        RequireAutograds(recipe, step, new StepSchedule(recipe, seed: 5, trainRows: 1000).At(3).Prefixes);
    }

    [Fact]
    public void ComputeGradients_OfSeed_MatchAutograd()
    {
        ResolvedRecipe recipe = (RecipePresets.Get("seed") with { LatentDims = LatentDims, BatchRows = BatchRows, ScaleWithInputDims = true }).Resolve(InputDims, 1000);
        using ITrainingStep step = TrainingSteps.For(recipe, TotalVariance, RandomParameters(recipe), threads: 2);
        RequireAutograds(recipe, step, []);
    }

    /// <summary>Codes of one step and of validations between steps have the same memory, in which each finds what the other left.</summary>
    [Fact]
    public void Evaluate_LongerCodesAndMorePrefixesAfterAStep_SameFigures()
    {
        ResolvedRecipe recipe = (RecipePresets.Get("matryoshka") with { LatentDims = LatentDims, BatchRows = BatchRows, TrainKs = [3, 8, 21] }).Resolve(InputDims, 1000);
        using var scope = NewDisposeScope();
        using var used = new ClosedFormTopKStep(recipe, TotalVariance, RandomParameters(recipe), threads: 2, isPacked: true);
        using var unused = new ClosedFormTopKStep(recipe, TotalVariance, RandomParameters(recipe), threads: 2, isPacked: true);
        Tensor rows = Gaussian([BatchRows, InputDims], 9), few = Gaussian([7, InputDims], 10);
        used.ComputeGradients(rows, [20]).Dispose();

        float[] expectedResiduals = new float[7 * InputDims], residuals = new float[7 * InputDims];
        BatchFigures expected = unused.Evaluate(few, [20, 50, 100], [5, 60], residuals: expectedResiduals), found = used.Evaluate(few, [20, 50, 100], [5, 60], residuals: residuals);

        Assert.Equal(expected.Loss, found.Loss);
        Assert.Equal(expected.SquaresByK, found.SquaresByK);
        Assert.Equal(expectedResiduals, residuals);
        Assert.Equal(expected.SquaresByK[^1], residuals.Sum(r => (double)r * r), 1e-5 * expected.SquaresByK[^1]);
        using BatchGradients before = unused.ComputeGradients(rows, [20]), after = used.ComputeGradients(rows, [20]);
        Assert.Equal(before.Values[0].data<float>().ToArray(), after.Values[0].data<float>().ToArray());
    }

    private static void RequireAutograds(ResolvedRecipe recipe, ITrainingStep step, IReadOnlyList<int> prefixes)
    {
        using var scope = NewDisposeScope();
        Tensor rows = Gaussian([BatchRows, InputDims], 9);
        using NetworkParameters copy = step.Parameters.Clone();
        using BatchGradients expected = AutogradGradients.Compute(Objectives.For(recipe, TotalVariance), copy, rows, prefixes);

        using BatchGradients found = step.ComputeGradients(rows, prefixes);

        Assert.Equal(expected.Loss, found.Loss, 1e-5 * expected.Loss);
        for (int p = 0; p < expected.Values.Count; p++)
        {
            float[] byAutograd = expected.Values[p].data<float>().ToArray(), closed = found.Values[p].data<float>().ToArray();
            float tolerance = 1e-5f * byAutograd.Max(Math.Abs);
            for (int i = 0; i < byAutograd.Length; i++)
                Assert.True(Math.Abs(byAutograd[i] - closed[i]) <= tolerance, $"{NetworkParameters.Names[p]}[{i}]: {closed[i]:r}, {byAutograd[i]:r} by autograd, largest {tolerance * 1e5f}");
        }
    }

    internal static NetworkParameters RandomParameters(ResolvedRecipe recipe)
    {
        using var scope = NewDisposeScope();
        NetworkParameters parameters = NetworkParameters.Zeros(recipe);
        for (int i = 0; i < parameters.All.Count; i++)
            (Gaussian(parameters.All[i].shape, i) / Math.Sqrt(recipe.InputDims)).bytes.CopyTo(parameters.All[i].bytes);
        return parameters;
    }

    internal static Tensor Gaussian(long[] shape, long index)
    {
        var random = new SeededRandom(3, RandomPurpose.Initialization, index);
        return tensor(Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => (float)random.NextGaussian()).ToArray(), shape);
    }
}
