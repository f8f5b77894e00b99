using System.Diagnostics;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests;

public sealed class MemoryTests
{
    /// <summary>Without scopes a step of this size leaks 1 MB, so 2,000 of them would show as gigabytes; 24 MB is what the heap may wander.</summary>
    [Fact]
    public void Run_TwoThousandSteps_HoldsMemoryAndTensorsFlat()
    {
        SmallTraining small = SmallTraining.Of("matryoshka", r => r with { LatentDims = 64, Epochs = 1000, BatchRows = 100, Patience = 0 });
        using Trainer trainer = small.Start();
        Steps(trainer, 300);
        long tensors = Tensor.TotalCount, rss = Rss();
        Steps(trainer, 2000);
        long grown = Rss() - rss;
        TestContext.Current.TestOutputHelper?.WriteLine($"RSS {rss >> 20} MB, grown by {grown >> 10} KB");
        Assert.Equal(tensors, Tensor.TotalCount);
        Assert.True(grown < 24 << 20, $"RSS grew by {grown >> 20} MB over 2,000 steps");
    }

    private static void Steps(Trainer trainer, int steps)
    {
        for (int i = 0; i < steps; i++)
            trainer.Run(TimeSpan.Zero, 0, null, TestContext.Current.CancellationToken);
    }

    private static long Rss()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
