using System.Numerics;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.ClosedForm;

/// <summary>Some columns of a matrix, all rows side by side, <c>[rows, <see cref="Width"/>]</c>.</summary>
/// <remarks>
/// Sums of rows and products with them, at random, read a few columns of all rows from a core's own cache, where whole rows would come from beyond it.
/// In the matrix the pieces would lie a power of two apart, and a cache holds few such at once.
/// </remarks>
internal sealed unsafe class ColumnPanel : IDisposable
{
    /// <summary>Columns: eight vectors, whose sums stay in registers; 64 where vectors have 256 bits.</summary>
    public static readonly int Width = 8 * Vector<float>.Count;

    private static readonly int V = Vector<float>.Count;

    private Tensor? memory;
    private float* values;

    /// <summary>Makes room. The memory grows to what was ever wanted, and stays.</summary>
    public void Reserve(int rows)
    {
        if (memory is not null && memory.shape[0] >= rows)
            return;
        memory?.Dispose();
        // Where there is no room for the new one, the old is not used again.
        memory = null;
        memory = empty(rows, Width).DetachFromDisposeScope();
        values = new NativeMatrix(memory).Start(0);
    }

    /// <summary>Panels that have all of a matrix's columns.</summary>
    public static int Count(int columns) => (columns + Width - 1) / Width;

    /// <summary>Where a row begins.</summary>
    public float* Row(int row) => values + ((nint)row * Width);

    /// <summary>Copies columns of a matrix; those past its last are 0.</summary>
    public void Load(NativeMatrix matrix, int firstColumn)
    {
        Reserve(matrix.Rows);
        int width = Math.Min(Width, matrix.Columns - firstColumn);
        for (int row = 0; row < matrix.Rows; row++)
        {
            new Span<float>(matrix.Start(row) + firstColumn, width).CopyTo(new Span<float>(Row(row), width));
            new Span<float>(Row(row) + width, Width - width).Clear();
        }
    }

    /// <summary>Copies the first columns of a row.</summary>
    public void Copy(int row, Span<float> target) => new Span<float>(Row(row), target.Length).CopyTo(target);

    // sum = start + Σ_i w_i r_i, added in this order, each product and sum rounded once
    /// <summary>Sums rows.</summary>
    /// <param name="start">What is added to, <c>[Width]</c>.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="weights">w, one for each of them.</param>
    /// <param name="sum">Receives <c>[Width]</c>.</param>
    public void Sum(float* start, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, float* sum)
    {
        Vector<float> s0 = Vector.Load(start), s1 = Vector.Load(start + V), s2 = Vector.Load(start + (2 * V)), s3 = Vector.Load(start + (3 * V));
        Vector<float> s4 = Vector.Load(start + (4 * V)), s5 = Vector.Load(start + (5 * V)), s6 = Vector.Load(start + (6 * V)), s7 = Vector.Load(start + (7 * V));
        for (int i = 0; i < rows.Length; i++)
        {
            float* r = Row(rows[i]);
            var w = new Vector<float>(weights[i]);
            s0 = Vector.FusedMultiplyAdd(w, Vector.Load(r), s0);
            s1 = Vector.FusedMultiplyAdd(w, Vector.Load(r + V), s1);
            s2 = Vector.FusedMultiplyAdd(w, Vector.Load(r + (2 * V)), s2);
            s3 = Vector.FusedMultiplyAdd(w, Vector.Load(r + (3 * V)), s3);
            s4 = Vector.FusedMultiplyAdd(w, Vector.Load(r + (4 * V)), s4);
            s5 = Vector.FusedMultiplyAdd(w, Vector.Load(r + (5 * V)), s5);
            s6 = Vector.FusedMultiplyAdd(w, Vector.Load(r + (6 * V)), s6);
            s7 = Vector.FusedMultiplyAdd(w, Vector.Load(r + (7 * V)), s7);
        }
        s0.Store(sum);
        s1.Store(sum + V);
        s2.Store(sum + (2 * V));
        s3.Store(sum + (3 * V));
        s4.Store(sum + (4 * V));
        s5.Store(sum + (5 * V));
        s6.Store(sum + (6 * V));
        s7.Store(sum + (7 * V));
    }

    /// <summary>products_i ← products_i + x · r_i.</summary>
    /// <param name="x">What rows are multiplied by, <c>[Width]</c>.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="products">One for each of them.</param>
    public void AddProducts(float* x, ReadOnlySpan<int> rows, Span<float> products)
    {
        Vector<float> x0 = Vector.Load(x), x1 = Vector.Load(x + V), x2 = Vector.Load(x + (2 * V)), x3 = Vector.Load(x + (3 * V));
        Vector<float> x4 = Vector.Load(x + (4 * V)), x5 = Vector.Load(x + (5 * V)), x6 = Vector.Load(x + (6 * V)), x7 = Vector.Load(x + (7 * V));
        for (int i = 0; i < rows.Length; i++)
        {
            float* r = Row(rows[i]);
            Vector<float> even = x0 * Vector.Load(r), odd = x1 * Vector.Load(r + V);
            even = Vector.FusedMultiplyAdd(x2, Vector.Load(r + (2 * V)), even);
            odd = Vector.FusedMultiplyAdd(x3, Vector.Load(r + (3 * V)), odd);
            even = Vector.FusedMultiplyAdd(x4, Vector.Load(r + (4 * V)), even);
            odd = Vector.FusedMultiplyAdd(x5, Vector.Load(r + (5 * V)), odd);
            even = Vector.FusedMultiplyAdd(x6, Vector.Load(r + (6 * V)), even);
            odd = Vector.FusedMultiplyAdd(x7, Vector.Load(r + (7 * V)), odd);
            products[i] += Vector.Sum(even + odd);
        }
    }

    public void Dispose() => memory?.Dispose();
}
