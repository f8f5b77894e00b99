using System.Collections.Concurrent;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.ClosedForm;

/// <summary>What one thread of a step works in, kept from step to step: large memory from the system costs more than what is done in it.</summary>
internal sealed class StepScratch : IDisposable
{
    /// <param name="blockRows">Rows of a block at most.</param>
    /// <param name="latentDims">Latents.</param>
    /// <param name="inputDims">Length of a row.</param>
    public StepScratch(int blockRows, int latentDims, int inputDims)
    {
        PreActivations = empty(blockRows, latentDims).DetachFromDisposeScope();
        Selection = new ulong[latentDims + 1];
        Tiles = new float[PackedMatrix.WholeTiles(blockRows) * inputDims];
    }

    /// <summary>a of a block of rows, <c>[blockRows, latentDims]</c>.</summary>
    public Tensor PreActivations { get; }

    /// <summary>Some columns of D.</summary>
    public ColumnPanel Atoms { get; } = new();

    /// <summary>Some columns of x', or of c − x'.</summary>
    public ColumnPanel Rows { get; } = new();

    /// <summary>Some columns of the residuals of a batch's codes, and then of their gradients.</summary>
    public ColumnPanel Residuals { get; } = new();

    /// <summary>For <see cref="Core.Codes.StrongestLatents"/>.</summary>
    public ulong[] Selection { get; }

    /// <summary>For <see cref="PackedMatrix"/>.</summary>
    public float[] Tiles { get; }

    public void Dispose()
    {
        PreActivations.Dispose();
        Atoms.Dispose();
        Rows.Dispose();
        Residuals.Dispose();
    }

    /// <summary>Scratch for as many threads as ask at once.</summary>
    internal sealed class Pool(int blockRows, int latentDims, int inputDims) : IDisposable
    {
        private readonly ConcurrentBag<StepScratch> idle = [];

        public StepScratch Rent() => idle.TryTake(out StepScratch? scratch) ? scratch : new StepScratch(blockRows, latentDims, inputDims);

        public void Return(StepScratch scratch) => idle.Add(scratch);

        public void Dispose()
        {
            foreach (StepScratch scratch in idle)
                scratch.Dispose();
        }
    }
}
