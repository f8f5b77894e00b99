using System.Numerics.Tensors;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Storage.Runs;
using HierEmbed.Training.Data;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using HierEmbed.Training.Randomness;

namespace HierEmbed.Training.Tests;

public sealed class TopKTrainingTests
{
    [Theory]
    [InlineData("sparse", ScalingMode.Centre)]
    [InlineData("matryoshka", ScalingMode.Standard)]
    [InlineData("matryoshka", ScalingMode.None)]
    public void Run_TopK_KeepsAtomsOfUnitNorm(string preset, ScalingMode scaling)
    {
        TrainedNetwork network = SmallTraining.Of(preset, r => r with { Scaling = scaling }).Train();
        for (int latent = 0; latent < network.LatentDims; latent++)
            Assert.Equal(1, TensorPrimitives.Norm<float>(network.Decoder.AsSpan(latent * network.InputDims, network.InputDims)), 1e-5f);
    }

    [Theory]
    [InlineData("sparse", CodeActivation.Relu)]
    [InlineData("sparse", CodeActivation.Signed)]
    [InlineData("matryoshka", CodeActivation.Relu)]
    public void Run_SparseRows_ExplainsMostOfThem(string preset, CodeActivation activation)
    {
        SmallTraining small = Larger(preset, activation);
        double fvu = small.Measure(small.Train(), 8).ByK[0].Fvu;
        Assert.True(fvu < 0.25, $"FVU {fvu:f3}");
    }

    [Fact]
    public void Run_Matryoshka_MakesAPrefixServeAlone()
    {
        SmallTraining nested = Larger("matryoshka"), plain = Larger("sparse");
        double withNesting = nested.Measure(Prefix(nested.Train(), 4), 8).ByK[0].Fvu;
        double without = plain.Measure(Prefix(plain.Train(), 4), 8).ByK[0].Fvu;
        TestContext.Current.TestOutputHelper?.WriteLine($"FVU of the first quarter: {withNesting:f3} nested, {without:f3} plain");
        Assert.True(withNesting < 0.8 * without, $"nested {withNesting:f3}, plain {without:f3}");
    }

    [Fact]
    public void Run_ValidationUnrelatedToTraining_StopsEarlyAndKeepsTheBest()
    {
        RowMatrix noise = SyntheticRows.Uniform(60, 16, 4);
        SmallTraining small = SmallTraining.Of("sparse", r => r with { Epochs = 200, Patience = 3 }, validation: noise);
        using Trainer trainer = small.Start();
        TrainingProgress end = trainer.Run(TimeSpan.FromMinutes(1), 0, null, TestContext.Current.CancellationToken);
        Assert.True(end.Finished);
        Assert.Equal(trainer.BestEpoch + 3, trainer.History.Count);
        Assert.True(trainer.History.Count < 200);
        EpochMetrics best = trainer.History.MinBy(e => e.ValidationLoss)!;
        Assert.Equal(best.Epoch, trainer.BestEpoch);
        // The kept weights give the figures that the history holds; float32 sums in another order.
        Assert.Equal(best.Fvu, small.Measure(trainer.BestNetwork(), 4).ByK[0].Fvu, 1e-5);
    }

    [Fact]
    public void Run_FinishedTraining_DoesNothingMore()
    {
        using Trainer trainer = SmallTraining.Of("sparse").Start();
        SmallTraining.RunToEnd(trainer);
        float[] before = trainer.BestNetwork().Encoder;
        Assert.True(trainer.Run(TimeSpan.FromMinutes(1), 1, null, TestContext.Current.CancellationToken).Finished);
        Assert.Equal(before, trainer.BestNetwork().Encoder);
    }

    [Fact]
    public void Resample_DeadLatents_AreUsedAgain()
    {
        // Signed, a latent of a large negative bias is the strongest of all.
        SmallTraining small = SmallTraining.Of("sparse", r => r with { Epochs = 80, Activation = CodeActivation.Relu });
        ScaledRows rows = ScaledRows.From(small.Rows.Train, small.Scaler, small.Recipe);
        RunningMoments moments = rows.Moments();
        using ITrainingStep step = TrainingSteps.For(small.Recipe, moments.TotalVariance, NetworkInitialization.Create(small.Recipe, 1, rows, moments), threads: 2);
        int[] killed = [3, 11, 40];
        foreach (int latent in killed)
        {
            NetworkParameters.Values(step.Parameters.EncoderBias)[latent] = -100;
            NetworkParameters.Row(step.Adam.Second.Encoder, latent).Fill(1);
        }
        var schedule = new StepSchedule(small.Recipe, seed: 1, rows.Rows);
        long[] uses = Steps(step, schedule, rows, 1, 100);
        Assert.All(killed, latent => Assert.Equal(0, uses[latent]));
        int alive = Array.FindIndex(uses, n => n > 0);
        float[] kept = NetworkParameters.Row(step.Parameters.Decoder, alive).ToArray();

        int resampled = new DeadLatents(small.Recipe, rows).Resample(step, uses, new SeededRandom(1, RandomPurpose.Resampling, 1));

        Assert.Equal(uses.Count(n => n == 0), resampled);
        Assert.Equal(kept, NetworkParameters.Row(step.Parameters.Decoder, alive).ToArray());
        Assert.All(killed, latent => Assert.Equal(0, TensorPrimitives.Norm<float>(NetworkParameters.Row(step.Adam.Second.Encoder, latent))));
        long[] after = Steps(step, schedule, rows, 101, 20);
        TestContext.Current.TestOutputHelper?.WriteLine($"uses in 20 steps: {string.Join(", ", killed.Select(latent => after[latent]))}");
        Assert.All(killed, latent => Assert.True(after[latent] > 0, $"latent {latent} is still dead"));
    }

    [Fact]
    public void Run_LossOutOfRange_SaysAtWhichStep()
    {
        RowMatrix huge = SyntheticRows.Uniform(300, 16, 4);
        for (int i = 0; i < huge.Values.Length; i++)
            huge.Values[i] *= 1e25f;
        SmallTraining small = SmallTraining.Of("sparse", r => r with { L2Normalize = false, Scaling = ScalingMode.Centre }, huge, huge);
        using Trainer trainer = small.Start();
        var e = Assert.Throws<HierEmbedException>(() => SmallTraining.RunToEnd(trainer));
        Assert.Equal(ProblemTypes.TrainingDiverged, e.Type);
        Assert.Contains("at step 1 of 20", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_EqualRows_IsRefused()
    {
        RowMatrix equal = new(Enumerable.Repeat(0.5f, 50 * 16).ToArray(), 50, 16);
        var e = Assert.Throws<DatasetException>(() => SmallTraining.Of("sparse", null, equal, equal).Start());
        Assert.Equal(ProblemTypes.UntrainableData, e.Type);
    }

    private static SmallTraining Larger(string preset, CodeActivation activation = CodeActivation.Relu) => SmallTraining.Of(preset,
        r => r with { LatentDims = 128, Epochs = 25, BatchRows = 128, TrainKs = preset == "sparse" ? [8] : [4, 8], Activation = activation },
        SyntheticRows.Sparse(3000, 32, seed: 1), SyntheticRows.Sparse(400, 32, seed: 2));

    private static TrainedNetwork Prefix(TrainedNetwork network, int divisor)
    {
        int latents = network.LatentDims / divisor;
        return new TrainedNetwork(network.Recipe with { LatentDims = latents }, network.Encoder[..(latents * network.InputDims)],
            network.EncoderBias[..latents], network.Decoder[..(latents * network.InputDims)], network.DecoderBias);
    }

    private static long[] Steps(ITrainingStep step, StepSchedule schedule, ScaledRows rows, int first, int count)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var uses = new long[step.Parameters.EncoderBias.shape[0]];
        for (int t = first; t < first + count; t++)
        {
            var batch = TorchSharp.torch.empty(64, rows.Dims);
            rows.Gather(new SeededRandom(1, RandomPurpose.Shuffle, t).Permutation(rows.Rows).AsSpan(0, 64), batch);
            step.Step(batch, schedule.At(t), uses);
        }
        return uses;
    }
}
