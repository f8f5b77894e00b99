using System.Buffers.Binary;
using HierEmbed.Core.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Training.Tests;

public sealed class ResumeTests
{
    [Theory]
    [MemberData(nameof(SmallTraining.Presets), MemberType = typeof(SmallTraining))]
    public void Resume_StoppedEveryThreeSteps_EqualsNotStopping(string preset) => RequireEqual(SmallTraining.Of(preset, r => r with { DecayFraction = 0.2 }));

    // A memory of 100 rows in two groups: batches of 64 rows cross from one to the next.
    [Fact]
    public void Resume_RowsPastMemory_EqualsNotStopping() =>
        RequireEqual(SmallTraining.Of("matryoshka", r => r with { DecayFraction = 0.2 }) with { MemoryBytes = 100 * 16 * sizeof(float) });

    [Theory]
    [MemberData(nameof(SmallTraining.Presets), MemberType = typeof(SmallTraining))]
    public void Resume_OtherNumberOfThreads_EqualsNotStopping(string preset) =>
        RequireEqual(SmallTraining.Of(preset, r => r with { BatchRows = 150, DecayFraction = 0.2 }), resumedThreads: 3);

    /// <param name="small">The training, uninterrupted on its own number of threads.</param>
    /// <param name="resumedThreads">Threads after each stop.</param>
    private static void RequireEqual(SmallTraining small, int resumedThreads = 1)
    {
        // Five steps an epoch or two, so that stops fall inside epochs and at their ends; dead latents are re-seeded on the way.
        using Trainer whole = small.Start();
        SmallTraining.RunToEnd(whole);

        Trainer parts = small.Start();
        for (int stop = 0; ; stop++)
        {
            TrainingProgress progress = RunSteps(parts, 3);
            using MemoryStream checkpoint = Saved(parts);
            parts.Dispose();
            parts = (small with { Threads = resumedThreads }).Resume(checkpoint);
            Assert.True(stop < 20);
            if (progress.Finished)
                break;
        }
        Assert.Equal(Arrays(whole), Arrays(parts));
        Assert.Equal(Steady(whole), Steady(parts));
        Assert.Equal(whole.BestEpoch, parts.BestEpoch);
        Assert.Equal(whole.BestNetwork().Decoder, parts.BestNetwork().Decoder);
        parts.Dispose();
    }

    [Theory]
    [MemberData(nameof(SmallTraining.Presets), MemberType = typeof(SmallTraining))]
    public void Start_SameSeed_GivesTheSameBitsAndAnotherSeedOthers(string preset)
    {
        SmallTraining small = SmallTraining.Of(preset, r => r with { Epochs = 2 });
        TrainedNetwork a = small.Train(seed: 1), b = small.Train(seed: 1), c = small.Train(seed: 2);
        Assert.Equal(a.Encoder, b.Encoder);
        Assert.Equal(a.DecoderBias, b.DecoderBias);
        Assert.NotEqual(a.Encoder, c.Encoder);
    }

    [Fact]
    public void Run_BudgetOfZero_DoesOneStep()
    {
        using Trainer trainer = SmallTraining.Of("sparse").Start();
        TrainingProgress progress = trainer.Run(TimeSpan.Zero, 4, null, TestContext.Current.CancellationToken);
        Assert.Equal((4, 1L, 20L, false), (progress.Chunk, progress.Step, progress.TotalSteps, progress.Finished));
    }

    [Fact]
    public void Run_WithProgress_ReportsTheStartAndEachEpoch()
    {
        using Trainer trainer = SmallTraining.Of("sparse").Start();
        var epochs = new List<int>();
        trainer.Run(TimeSpan.FromMinutes(1), 0, p => epochs.Add(p.Epoch), TestContext.Current.CancellationToken);
        Assert.Equal([0, 1, 2, 3, 4], epochs);
    }

    [Fact]
    public void Run_Cancelled_ThrowsBeforeTheNextStepAndKeepsTheLast()
    {
        using Trainer trainer = SmallTraining.Of("sparse").Start();
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            trainer.Run(TimeSpan.FromMinutes(1), 0, p => { if (p.Epoch == 1) cancel.Cancel(); }, cancel.Token));
        Assert.Equal(6, trainer.Run(TimeSpan.Zero, 0, null, TestContext.Current.CancellationToken).Step);
    }

    private static TrainingProgress RunSteps(Trainer trainer, int steps)
    {
        TrainingProgress progress = trainer.Run(TimeSpan.Zero, 0, null, TestContext.Current.CancellationToken);
        return steps == 1 || progress.Finished ? progress : RunSteps(trainer, steps - 1);
    }

    internal static MemoryStream Saved(Trainer trainer)
    {
        var stream = new MemoryStream();
        trainer.Save(stream);
        stream.Position = 0;
        return stream;
    }

    /// <summary>Every array of a checkpoint: parameters, moments, best weights, latent uses. The header holds wall-clock rates.</summary>
    private static byte[] Arrays(Trainer trainer)
    {
        byte[] file = Saved(trainer).ToArray();
        return file[(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file))..];
    }

    private static EpochMetrics[] Steady(Trainer trainer) => [.. trainer.History.Select(e => e with { SamplesPerSecond = 0 })];
}
