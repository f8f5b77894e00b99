using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace HierEmbed.Training.ClosedForm;

/// <summary>A float32 tensor's values in place, row by row, for use from several threads at once. The tensor must outlive it.</summary>
internal readonly unsafe struct NativeMatrix
{
    private readonly float* values;

    /// <summary>Looks into a contiguous tensor, <c>[rows, columns]</c> or <c>[columns]</c>.</summary>
    public NativeMatrix(Tensor tensor)
    {
        long[] shape = tensor.shape;
        (Rows, Columns) = (shape.Length > 1 ? (int)shape[0] : 1, (int)shape[^1]);
        values = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
    }

    /// <summary>Number of rows. A tensor's own shape is a call into Torch and a new array each time that it is asked for.</summary>
    public int Rows { get; }

    /// <summary>Length of a row.</summary>
    public int Columns { get; }

    /// <summary>One row, <c>[columns]</c>.</summary>
    public Span<float> Row(int row) => new(Start(row), Columns);

    /// <summary>Where a row begins.</summary>
    public float* Start(int row) => values + ((long)row * Columns);
}
