using System.Numerics;
using System.Numerics.Tensors;

namespace HierEmbed.Training.ClosedForm;

/// <summary>Sums of a matrix's rows and products with them, four rows at a time: what they are added to, or multiplied by, is read once for all four.</summary>
internal static unsafe class WeightedRows
{
    private const int RowsAtOnce = 4;

    /// <summary>sum ← sum + Σ_i w_i r_i.</summary>
    /// <param name="sum"><c>[columns]</c>.</param>
    /// <param name="matrix"><c>[rows, columns]</c>.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="weights">w, one for each of them.</param>
    public static void Add(Span<float> sum, NativeMatrix matrix, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights)
    {
        int at = 0;
        for (; at <= rows.Length - RowsAtOnce; at += RowsAtOnce)
        {
            fixed (float* s = sum)
                AddFour(s, sum.Length, Four.Of(matrix, rows[at..]), new Vector4(weights[at..]));
        }
        for (; at < rows.Length; at++)
            TensorPrimitives.MultiplyAdd(matrix.Row(rows[at]), weights[at], sum, sum);
    }

    /// <summary>products_i = x · r_i.</summary>
    /// <param name="x"><c>[columns]</c>.</param>
    /// <param name="matrix"><c>[rows, columns]</c>.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="products">Receives one for each of them.</param>
    public static void Dot(ReadOnlySpan<float> x, NativeMatrix matrix, ReadOnlySpan<int> rows, Span<float> products)
    {
        int at = 0;
        for (; at <= rows.Length - RowsAtOnce; at += RowsAtOnce)
        {
            fixed (float* first = x)
                DotFour(first, x.Length, Four.Of(matrix, rows[at..])).CopyTo(products[at..]);
        }
        for (; at < rows.Length; at++)
            products[at] = TensorPrimitives.Dot(matrix.Row(rows[at]), x);
    }

    private readonly struct Four(float* a, float* b, float* c, float* d)
    {
        public float* A => a;

        public float* B => b;

        public float* C => c;

        public float* D => d;

        public static Four Of(NativeMatrix matrix, ReadOnlySpan<int> rows) => new(matrix.Start(rows[0]), matrix.Start(rows[1]), matrix.Start(rows[2]), matrix.Start(rows[3]));
    }

    private static void AddFour(float* sum, int length, Four row, Vector4 w)
    {
        var (wa, wb, wc, wd) = (new Vector<float>(w.X), new Vector<float>(w.Y), new Vector<float>(w.Z), new Vector<float>(w.W));
        int i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> total = Vector.FusedMultiplyAdd(wa, Vector.Load(row.A + i), Vector.Load(sum + i));
            total = Vector.FusedMultiplyAdd(wb, Vector.Load(row.B + i), total);
            total = Vector.FusedMultiplyAdd(wc, Vector.Load(row.C + i), total);
            Vector.FusedMultiplyAdd(wd, Vector.Load(row.D + i), total).Store(sum + i);
        }
        for (; i < length; i++)
            sum[i] += (w.X * row.A[i]) + (w.Y * row.B[i]) + (w.Z * row.C[i]) + (w.W * row.D[i]);
    }

    private static Vector4 DotFour(float* x, int length, Four row)
    {
        // Two sums a row: with one, each addition would wait for the one before.
        Vector<float> ta = default, tb = default, tc = default, td = default, ua = default, ub = default, uc = default, ud = default;
        int i = 0, width = Vector<float>.Count;
        for (; i <= length - (2 * width); i += 2 * width)
        {
            Vector<float> value = Vector.Load(x + i), after = Vector.Load(x + i + width);
            ta = Vector.FusedMultiplyAdd(value, Vector.Load(row.A + i), ta);
            tb = Vector.FusedMultiplyAdd(value, Vector.Load(row.B + i), tb);
            tc = Vector.FusedMultiplyAdd(value, Vector.Load(row.C + i), tc);
            td = Vector.FusedMultiplyAdd(value, Vector.Load(row.D + i), td);
            ua = Vector.FusedMultiplyAdd(after, Vector.Load(row.A + i + width), ua);
            ub = Vector.FusedMultiplyAdd(after, Vector.Load(row.B + i + width), ub);
            uc = Vector.FusedMultiplyAdd(after, Vector.Load(row.C + i + width), uc);
            ud = Vector.FusedMultiplyAdd(after, Vector.Load(row.D + i + width), ud);
        }
        var total = new Vector4(Vector.Sum(ta + ua), Vector.Sum(tb + ub), Vector.Sum(tc + uc), Vector.Sum(td + ud));
        for (; i < length; i++)
            total += x[i] * new Vector4(row.A[i], row.B[i], row.C[i], row.D[i]);
        return total;
    }
}
