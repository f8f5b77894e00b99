using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HierEmbed.Training.ClosedForm;

/// <summary>The innermost part of a matrix product: six rows by 64 columns, whose 24 sums stay in registers.</summary>
/// <remarks>For machines with 512-bit vectors, which have 32 registers; elsewhere it is right and slow.</remarks>
internal static unsafe class PanelKernel
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 6;

    /// <summary>Columns of a panel.</summary>
    public const int Columns = 64;

    // c_ij = start_j + Σ_k a_ki b_kj, summed over k from the first to the last: no sum depends on what stands beside it
    /// <summary>Multiplies a tile by a panel.</summary>
    /// <param name="a">The tile, <c>[depth, 6]</c>.</param>
    /// <param name="b">The panel, <c>[depth, 64]</c>.</param>
    /// <param name="depth">Terms of each sum.</param>
    /// <param name="start">What each column's sums begin with, <c>[64]</c>.</param>
    /// <param name="c">Receives six rows of 64.</param>
    /// <param name="stride">Elements from one row of c to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, float* b, int depth, float* start, float* c, long stride)
    {
        Vector512<float> c00 = Vector512.Load(start), c01 = Vector512.Load(start + 16), c02 = Vector512.Load(start + 32), c03 = Vector512.Load(start + 48);
        Vector512<float> c10 = c00, c11 = c01, c12 = c02, c13 = c03, c20 = c00, c21 = c01, c22 = c02, c23 = c03, c30 = c00, c31 = c01, c32 = c02, c33 = c03;
        Vector512<float> c40 = c00, c41 = c01, c42 = c02, c43 = c03, c50 = c00, c51 = c01, c52 = c02, c53 = c03;
        for (float* end = a + ((long)depth * Rows); a < end; a += Rows, b += Columns)
        {
            Vector512<float> b0 = Vector512.Load(b), b1 = Vector512.Load(b + 16), b2 = Vector512.Load(b + 32), b3 = Vector512.Load(b + 48);
            Add(a[0], b0, b1, b2, b3, ref c00, ref c01, ref c02, ref c03);
            Add(a[1], b0, b1, b2, b3, ref c10, ref c11, ref c12, ref c13);
            Add(a[2], b0, b1, b2, b3, ref c20, ref c21, ref c22, ref c23);
            Add(a[3], b0, b1, b2, b3, ref c30, ref c31, ref c32, ref c33);
            Add(a[4], b0, b1, b2, b3, ref c40, ref c41, ref c42, ref c43);
            Add(a[5], b0, b1, b2, b3, ref c50, ref c51, ref c52, ref c53);
        }
        Store(c, c00, c01, c02, c03);
        Store(c + stride, c10, c11, c12, c13);
        Store(c + (2 * stride), c20, c21, c22, c23);
        Store(c + (3 * stride), c30, c31, c32, c33);
        Store(c + (4 * stride), c40, c41, c42, c43);
        Store(c + (5 * stride), c50, c51, c52, c53);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float a, Vector512<float> b0, Vector512<float> b1, Vector512<float> b2, Vector512<float> b3,
        ref Vector512<float> c0, ref Vector512<float> c1, ref Vector512<float> c2, ref Vector512<float> c3)
    {
        Vector512<float> all = Vector512.Create(a);
        c0 = Vector512.FusedMultiplyAdd(all, b0, c0);
        c1 = Vector512.FusedMultiplyAdd(all, b1, c1);
        c2 = Vector512.FusedMultiplyAdd(all, b2, c2);
        c3 = Vector512.FusedMultiplyAdd(all, b3, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector512<float> c0, Vector512<float> c1, Vector512<float> c2, Vector512<float> c3)
    {
        Vector512.Store(c0, c);
        Vector512.Store(c1, c + 16);
        Vector512.Store(c2, c + 32);
        Vector512.Store(c3, c + 48);
    }
}
