using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.ClosedForm;

/// <summary>Residuals of a batch's codes, and then their gradients, of every row and k of all codes: one matrix, so that a row of it has one number.</summary>
/// <param name="inputDims">Length of a row.</param>
internal sealed class ResidualGradients(int inputDims) : IDisposable
{
    private Tensor? memory;

    /// <summary>The rows, <c>[rows, inputDims]</c>.</summary>
    public NativeMatrix Rows { get; private set; }

    /// <summary>Makes room. The memory grows to what was ever wanted, and stays.</summary>
    public void Reserve(long rows)
    {
        if (memory is not null && memory.shape[0] >= rows)
            return;
        memory?.Dispose();
        // Where there is no room for the new one, the old is not used again.
        memory = null;
        memory = empty(rows, inputDims).DetachFromDisposeScope();
        Rows = new NativeMatrix(memory);
    }

    public void Dispose() => memory?.Dispose();
}
