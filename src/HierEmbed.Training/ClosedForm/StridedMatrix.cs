using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace HierEmbed.Training.ClosedForm;

/// <summary>A float32 matrix in native or pinned memory, transposed or not: element (i, j) is at i · rowStride + j · columnStride. The memory must outlive it.</summary>
internal readonly unsafe struct StridedMatrix(float* values, int rows, int columns, long rowStride, long columnStride)
{
    /// <summary>Looks into a tensor, <c>[rows, columns]</c>.</summary>
    public StridedMatrix(Tensor tensor)
        : this((float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Whole(tensor).bytes)), (int)tensor.shape[0], (int)tensor.shape[1], tensor.stride(0), tensor.stride(1))
    {
    }

    /// <summary>Whether a tensor can be looked into: float32, <c>[rows, columns]</c>, contiguous or the transpose of what is.</summary>
    public static bool IsOne(Tensor tensor) => tensor.dtype == ScalarType.Float32 && tensor.dim() == 2 && (tensor.is_contiguous() || tensor.stride(0) == 1 && tensor.stride(1) == tensor.shape[0]);

    /// <summary>Number of rows.</summary>
    public int Rows { get; } = rows;

    /// <summary>Number of columns.</summary>
    public int Columns { get; } = columns;

    /// <summary>Elements from one row to the next.</summary>
    public long RowStride { get; } = rowStride;

    /// <summary>Elements from one column to the next.</summary>
    public long ColumnStride { get; } = columnStride;

    /// <summary>The matrix with rows and columns exchanged, in the same memory.</summary>
    public StridedMatrix Transposed => new(values, Columns, Rows, ColumnStride, RowStride);

    /// <summary>Consecutive rows of it.</summary>
    public StridedMatrix Slice(int first, int count) => new(At(first, 0), count, Columns, RowStride, ColumnStride);

    /// <summary>Where an element is.</summary>
    public float* At(int row, int column) => values + (row * RowStride) + (column * ColumnStride);

    // Torch shows the bytes of contiguous tensors only; a transposed one lies in the same place as what it is the transpose of.
    private static Tensor Whole(Tensor tensor) => tensor.is_contiguous() ? tensor : tensor.t();
}
