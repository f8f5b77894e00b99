using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests;

public sealed class CallingThreadTests
{
    /// <summary>Torch's number of threads belongs to the calling thread: a fresh one splits a product over all cores, and its last bits change.</summary>
    [Theory]
    [MemberData(nameof(SmallTraining.Presets), MemberType = typeof(SmallTraining))]
    public void Evaluate_OnAnotherThread_SameBits(string preset)
    {
        SmallTraining small = SmallTraining.Of(preset, r => r with { LatentDims = 32, TrainKs = [8], PrefixDivisors = [] });
        using ITrainingStep step = TrainingSteps.For(small.Recipe, 1, NetworkParameters.From(small.Train()), threads: 1);
        using Tensor rows = Data.ScaledRows.From(small.Rows.Validation, small.Scaler, small.Recipe).Slice(12, 11);
        double here = step.Evaluate(rows, []).Loss, there = 0;

        var other = new Thread(() => there = step.Evaluate(rows, []).Loss);
        other.Start();
        other.Join();

        Assert.Equal(here, there);
    }
}
