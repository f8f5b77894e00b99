using System.Diagnostics;
using System.Numerics.Tensors;
using HierEmbed.Training.Network;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.ClosedForm;

/// <summary>a = W x' + b for blocks of a batch: the largest part of a step. Several threads may work on different blocks.</summary>
/// <remarks>
/// By <see cref="PackedMatrix"/>, whose sums do not depend on what is multiplied at once, or by Torch in blocks that are the same whatever the number of threads:
/// so are the last bits of a.
/// </remarks>
/// <param name="parameters">W and b, looked at anew by each <see cref="Prepare"/>.</param>
/// <param name="isPacked">Whether by PackedMatrix.</param>
internal sealed class EncoderProduct(NetworkParameters parameters, bool isPacked) : IDisposable
{
    /// <summary>Rows of a block at most: W is read once a block.</summary>
    public const int MostBlockRows = 132;

    private const int TorchBlockRows = 128;

    private readonly PackedMatrix? packed = isPacked ? new PackedMatrix((int)parameters.Encoder.shape[1], (int)parameters.Encoder.shape[0]) : null;
    private readonly Tensor encoderColumns = parameters.Encoder.t().DetachFromDisposeScope();
    private long ticks;

    /// <summary>Rows to multiply at once. A block by Torch is the same whatever the number of threads; PackedMatrix's sums do not depend on blocks.</summary>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="threads">Threads that share them.</param>
    public int BlockRows(int rows, int threads) => packed is null ? TorchBlockRows : Math.Min(MostBlockRows, PackedMatrix.WholeTiles((rows + threads - 1) / threads));

    /// <summary>Time spent in here by all threads together.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, ticks);

    /// <summary>Takes up W as it is now.</summary>
    public void Prepare(ParallelOptions parallel)
    {
        if (packed is null)
            return;
        var columns = new StridedMatrix(parameters.Encoder).Transposed;
        Parallel.For(0, packed.Panels, parallel, panel => Timed(() => packed.Pack(columns, panel)));
    }

    /// <summary>Multiplies one block.</summary>
    /// <param name="rows">x', <c>[batchRows, inputDims]</c>.</param>
    /// <param name="first">The block's first row.</param>
    /// <param name="count">Its rows, at most <see cref="MostBlockRows"/>.</param>
    /// <param name="scratch">Receives a, in the first rows of its pre-activations.</param>
    public void Multiply(Tensor rows, int first, int count, StepScratch scratch) => Timed(() =>
    {
        ReadOnlySpan<float> bias = NetworkParameters.Values(parameters.EncoderBias);
        if (packed is not null)
        {
            packed.Multiply(new StridedMatrix(rows).Slice(first, count), bias, scratch.Tiles, NetworkParameters.Values(scratch.PreActivations));
            return;
        }
        using var scope = NewDisposeScope();
        Products.MultiplyInto(rows.narrow(0, first, count), encoderColumns, scratch.PreActivations.narrow(0, 0, count));
        var a = new NativeMatrix(scratch.PreActivations);
        for (int row = 0; row < count; row++)
            TensorPrimitives.Add(a.Row(row), bias, a.Row(row));
    });

    public void Dispose()
    {
        packed?.Dispose();
        encoderColumns.Dispose();
    }

    private void Timed(Action work)
    {
        long begin = Stopwatch.GetTimestamp();
        work();
        Interlocked.Add(ref ticks, Stopwatch.GetTimestamp() - begin);
    }
}
