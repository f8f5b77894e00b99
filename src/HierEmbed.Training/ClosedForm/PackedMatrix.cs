using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.ClosedForm;

/// <summary>The right factor of products, laid out as <see cref="PanelKernel"/> reads it: panels of 64 columns, each <c>[depth, 64]</c>, missing columns 0.</summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    private readonly int depth, columns;
    private readonly Tensor memory;
    private readonly float* panels;

    /// <param name="depth">Rows of the right factor.</param>
    /// <param name="columns">Its columns.</param>
    public PackedMatrix(int depth, int columns)
    {
        (this.depth, this.columns, Panels) = (depth, columns, (columns + PanelKernel.Columns - 1) / PanelKernel.Columns);
        memory = empty(Panels * PanelKernel.Columns, depth).DetachFromDisposeScope(); // Torch's is aligned to a cache line: a vector across two of them costs two loads.
        panels = new StridedMatrix(memory).At(0, 0);
    }

    /// <summary>Whether this machine's vectors are wide enough for it to be faster than Torch: on an EPYC of 2024 190 GFLOP/s a core to 82, as Torch's library keeps to 256 bits on AMD.</summary>
    public static bool IsFaster => Vector512.IsHardwareAccelerated;

    /// <summary>Number of panels: each can be laid out on its own.</summary>
    public int Panels { get; }

    /// <summary>The least number of rows from so many on that makes whole tiles.</summary>
    public static int WholeTiles(int rows) => (rows + PanelKernel.Rows - 1) / PanelKernel.Rows * PanelKernel.Rows;

    /// <summary>Lays out one panel.</summary>
    /// <param name="right">The right factor, <c>[depth, columns]</c>.</param>
    /// <param name="panel">Which.</param>
    public void Pack(StridedMatrix right, int panel)
    {
        int first = panel * PanelKernel.Columns;
        PackStripe(right.Transposed, first, Math.Min(PanelKernel.Columns, columns - first), PanelKernel.Columns, panels + ((long)first * depth));
    }

    /// <summary>Writes c = start + left · right.</summary>
    /// <param name="left"><c>[rows, depth]</c>.</param>
    /// <param name="start">Added to each row, <c>[columns]</c>; empty: zeros.</param>
    /// <param name="scratch">At least <see cref="WholeTiles"/>(rows) · depth.</param>
    /// <param name="c">Receives <c>[rows, columns]</c>, row-major.</param>
    public void Multiply(StridedMatrix left, ReadOnlySpan<float> start, Span<float> scratch, Span<float> c)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(left.Columns, depth, nameof(left));
        ArgumentOutOfRangeException.ThrowIfLessThan((long)c.Length, (long)left.Rows * columns, nameof(c));
        int tiles = (left.Rows + PanelKernel.Rows - 1) / PanelKernel.Rows, tileLength = PanelKernel.Rows * depth;
        ArgumentOutOfRangeException.ThrowIfLessThan((long)scratch.Length, (long)tiles * tileLength, nameof(scratch));
        float* starts = stackalloc float[PanelKernel.Columns];
        float* edge = stackalloc float[PanelKernel.Rows * PanelKernel.Columns];
        fixed (float* a = scratch, target = c)
        {
            for (int tile = 0; tile < tiles; tile++)
                PackStripe(left, tile * PanelKernel.Rows, Math.Min(PanelKernel.Rows, left.Rows - (tile * PanelKernel.Rows)), PanelKernel.Rows, a + ((long)tile * tileLength));
            for (int panel = 0; panel < Panels; panel++)
            {
                int first = panel * PanelKernel.Columns, width = Math.Min(PanelKernel.Columns, columns - first);
                new Span<float>(starts, PanelKernel.Columns).Clear();
                if (!start.IsEmpty)
                    start.Slice(first, width).CopyTo(new Span<float>(starts, width));
                for (int tile = 0; tile < tiles; tile++)
                {
                    int row = tile * PanelKernel.Rows, height = Math.Min(PanelKernel.Rows, left.Rows - row);
                    float* at = target + ((long)row * columns) + first;
                    bool whole = height == PanelKernel.Rows && width == PanelKernel.Columns;
                    PanelKernel.Multiply(a + ((long)tile * tileLength), panels + ((long)first * depth), depth, starts, whole ? at : edge, whole ? columns : PanelKernel.Columns);
                    for (int i = 0; !whole && i < height; i++)
                        new Span<float>(edge + (i * PanelKernel.Columns), width).CopyTo(new Span<float>(at + ((long)i * columns), width));
                }
            }
        }
    }

    public void Dispose() => memory.Dispose();

    /// <summary>Lays out some rows with their elements side by side, <c>[columns, width]</c>; rows that are missing are 0.</summary>
    private static void PackStripe(StridedMatrix matrix, int firstRow, int rows, int width, float* target)
    {
        if (rows < width)
            new Span<float>(target, matrix.Columns * width).Clear();
        if (matrix.RowStride == 1)
        {
            for (int column = 0; column < matrix.Columns; column++)
                new Span<float>(matrix.At(firstRow, column), rows).CopyTo(new Span<float>(target + (column * width), rows));
            return;
        }
        const int pieceFloats = 64; // Of each row at a time: what they are written to stays in a core's first cache.
        for (int first = 0; first < matrix.Columns; first += pieceFloats)
        {
            int end = Math.Min(matrix.Columns, first + pieceFloats);
            int row = 0;
            for (; row <= rows - 4; row += 4)
                PackFour(matrix, firstRow + row, first, end, width, target + row);
            for (; row < rows; row++)
            {
                float* source = matrix.At(firstRow + row, 0);
                for (int column = first; column < end; column++)
                    target[((long)column * width) + row] = source[column * matrix.ColumnStride];
            }
        }
    }

    private static void PackFour(StridedMatrix matrix, int row, int column, int end, int width, float* target)
    {
        float* r0 = matrix.At(row, 0), r1 = r0 + matrix.RowStride, r2 = r1 + matrix.RowStride, r3 = r2 + matrix.RowStride;
        for (; Sse.IsSupported && matrix.ColumnStride == 1 && column <= end - 4; column += 4)
        {
            Vector128<float> v0 = Vector128.Load(r0 + column), v1 = Vector128.Load(r1 + column), v2 = Vector128.Load(r2 + column), v3 = Vector128.Load(r3 + column);
            Vector128<float> low01 = Sse.UnpackLow(v0, v1), low23 = Sse.UnpackLow(v2, v3), high01 = Sse.UnpackHigh(v0, v1), high23 = Sse.UnpackHigh(v2, v3);
            float* to = target + ((long)column * width);
            Sse.MoveLowToHigh(low01, low23).Store(to);
            Sse.MoveHighToLow(low23, low01).Store(to + width);
            Sse.MoveLowToHigh(high01, high23).Store(to + (2 * width));
            Sse.MoveHighToLow(high23, high01).Store(to + (3 * width));
        }
        for (; column < end; column++)
        {
            long at = column * matrix.ColumnStride;
            Vector128.Create(r0[at], r1[at], r2[at], r3[at]).Store(target + ((long)column * width));
        }
    }
}
