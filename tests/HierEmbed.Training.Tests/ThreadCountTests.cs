using HierEmbed.Core.Recipes;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Optimization;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests;

public sealed class ThreadCountTests
{
    private const int InputDims = 581;

    /// <summary>300 rows are three blocks by Torch, and shares of 300, 150 and 60 rows by <see cref="PackedMatrix"/>; 581 columns are ten panels in eight shares.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Step_OtherNumberOfThreads_SameBits(bool isPacked)
    {
        ResolvedRecipe recipe = (RecipePresets.Get("matryoshka") with { LatentDims = 200, BatchRows = 300, TrainKs = [2, 9] }).Resolve(InputDims, 1000);
        byte[] one = Train(recipe, 1, isPacked);
        Assert.Equal(one, Train(recipe, 2, isPacked));
        Assert.Equal(one, Train(recipe, 5, isPacked));
    }

    [Theory]
    [MemberData(nameof(SmallTraining.Presets), MemberType = typeof(SmallTraining))]
    public void Start_OtherNumberOfThreads_SameNetwork(string preset)
    {
        SmallTraining small = SmallTraining.Of(preset, r => r with { BatchRows = 150 });
        Assert.Equal(small.Train().Encoder, (small with { Threads = 3 }).Train().Encoder);
    }

    private static byte[] Train(ResolvedRecipe recipe, int threads, bool isPacked)
    {
        using var scope = NewDisposeScope();
        using var step = new ClosedFormTopKStep(recipe, 2, PresetGradientTests.RandomParameters(recipe), threads, isPacked);
        var schedule = new StepSchedule(recipe, seed: 5, trainRows: 1000);
        for (int t = 1; t <= 3; t++)
            step.Step(PresetGradientTests.Gaussian([300, InputDims], t), schedule.At(t), new long[recipe.LatentDims]);
        return [.. step.Parameters.All.SelectMany(p => p.bytes.ToArray())];
    }
}
