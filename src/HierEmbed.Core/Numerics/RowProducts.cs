using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Numerics;

/// <summary>Products of rows with rows on one thread: what serving needs of linear algebra, without Torch.</summary>
/// <remarks>
/// Every product is summed in the same order whatever rows stand beside it, so a row's results do not depend on how rows are batched.
/// They do depend on the width of the machine's vectors, in the last bits.
/// </remarks>
public static class RowProducts
{
    /// <summary>Rows of a and of b that are multiplied at once: 12 sums, three rows of b and one of a fill 16 registers.</summary>
    private const int TileA = 4, TileB = 3;

    /// <summary>Bytes of b that are gone over before the next rows of b: they stay in a core's own cache.</summary>
    private const int BlockBytes = 192 * 1024;

    /// <summary>Writes c = a·bᵀ.</summary>
    /// <param name="a"><c>[aRows, dims]</c>, row-major.</param>
    /// <param name="b"><c>[bRows, dims]</c>, row-major.</param>
    /// <param name="dims">Length of a row, from 1.</param>
    /// <param name="c">Receives <c>[aRows, bRows]</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sizes do not fit.</exception>
    public static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int dims, Span<float> c)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dims, 1);
        (int aRows, int aRest) = int.DivRem(a.Length, dims);
        (int bRows, int bRest) = int.DivRem(b.Length, dims);
        ArgumentOutOfRangeException.ThrowIfNotEqual(aRest, 0, nameof(a));
        ArgumentOutOfRangeException.ThrowIfNotEqual(bRest, 0, nameof(b));
        ArgumentOutOfRangeException.ThrowIfLessThan((long)c.Length, (long)aRows * bRows, nameof(c));
        int blockRows = Math.Max(TileB, BlockBytes / (sizeof(float) * dims) / TileB * TileB);
        for (int first = 0; first < bRows; first += blockRows)
        {
            int end = Math.Min(bRows, first + blockRows);
            int row = 0;
            for (; row <= aRows - TileA; row += TileA)
            {
                int at = first;
                for (; at <= end - TileB; at += TileB)
                    Tile(a[(row * dims)..], b[(at * dims)..], dims, c[((row * bRows) + at)..], bRows);
                for (; at < end; at++)
                {
                    for (int i = 0; i < TileA; i++)
                        c[((row + i) * bRows) + at] = Dot(a.Slice((row + i) * dims, dims), b.Slice(at * dims, dims));
                }
            }
            for (; row < aRows; row++)
            {
                for (int at = first; at < end; at++)
                    c[(row * bRows) + at] = Dot(a.Slice(row * dims, dims), b.Slice(at * dims, dims));
            }
        }
    }

    /// <summary>The cosine of a row with a unit vector; 0 for a row of zeros.</summary>
    /// <param name="unit">Of unit length, <c>[dims]</c>.</param>
    /// <param name="row"><c>[dims]</c>.</param>
    public static float Cosine(ReadOnlySpan<float> unit, ReadOnlySpan<float> row) => Cosine(unit, row, row);

    /// <summary>The same; has the row that is read next fetched meanwhile.</summary>
    /// <param name="unit">Of unit length, <c>[dims]</c>.</param>
    /// <param name="row"><c>[dims]</c>.</param>
    /// <param name="next">The row that is read next, <c>[dims]</c>.</param>
    public static float Cosine(ReadOnlySpan<float> unit, ReadOnlySpan<float> row, ReadOnlySpan<float> next)
    {
        (float product, float squares) = DotAndSquares(unit, row, next);
        return squares > 0 ? Math.Clamp(product / MathF.Sqrt(squares), -1, 1) : 0;
    }

    /// <summary>The product of two rows and the sum of squares of the second, in one pass over it.</summary>
    /// <param name="a"><c>[dims]</c>.</param>
    /// <param name="b"><c>[dims]</c>.</param>
    /// <param name="next">What is read next, <c>[dims]</c>.</param>
    private static (float Product, float Squares) DotAndSquares(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> next)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, b.Length, nameof(b));
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, next.Length, nameof(next));
        ref float x = ref MemoryMarshal.GetReference(a), y = ref MemoryMarshal.GetReference(b), z = ref MemoryMarshal.GetReference(next);
        Vector<float> product0 = default, product1 = default, squares0 = default, squares1 = default;
        int d = 0;
        for (; d <= a.Length - (2 * Vector<float>.Count); d += 2 * Vector<float>.Count)
        {
            // With vectors of 256 bits a cache line a turn.
            CacheLines.Prefetch(ref Unsafe.Add(ref z, d));
            Vector<float> first = Load(ref y, d), second = Load(ref y, d + Vector<float>.Count);
            product0 = Vector.FusedMultiplyAdd(Load(ref x, d), first, product0);
            product1 = Vector.FusedMultiplyAdd(Load(ref x, d + Vector<float>.Count), second, product1);
            squares0 = Vector.FusedMultiplyAdd(first, first, squares0);
            squares1 = Vector.FusedMultiplyAdd(second, second, squares1);
        }
        float product = Vector.Sum(product0 + product1), squares = Vector.Sum(squares0 + squares1);
        for (; d < a.Length; d++)
        {
            product += a[d] * b[d];
            squares += b[d] * b[d];
        }
        return (product, squares);
    }

    /// <summary>One product, summed as in <see cref="Multiply"/>.</summary>
    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector<float> sum = Vector<float>.Zero;
        int d = 0;
        for (; d <= a.Length - Vector<float>.Count; d += Vector<float>.Count)
            sum = Vector.FusedMultiplyAdd(new Vector<float>(a[d..]), new Vector<float>(b[d..]), sum);
        float total = Vector.Sum(sum);
        for (; d < a.Length; d++)
            total += a[d] * b[d];
        return total;
    }

    private static void Tile(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int dims, Span<float> c, int stride)
    {
        ref float a0 = ref MemoryMarshal.GetReference(a);
        ref float b0 = ref MemoryMarshal.GetReference(b);
        Vector<float> s00 = default, s01 = default, s02 = default, s10 = default, s11 = default, s12 = default;
        Vector<float> s20 = default, s21 = default, s22 = default, s30 = default, s31 = default, s32 = default;
        int vectorized = dims - (dims % Vector<float>.Count);
        for (int d = 0; d < vectorized; d += Vector<float>.Count)
        {
            Vector<float> y0 = Load(ref b0, d), y1 = Load(ref b0, dims + d), y2 = Load(ref b0, (2 * dims) + d);
            Vector<float> x = Load(ref a0, d);
            s00 = Vector.FusedMultiplyAdd(x, y0, s00);
            s01 = Vector.FusedMultiplyAdd(x, y1, s01);
            s02 = Vector.FusedMultiplyAdd(x, y2, s02);
            x = Load(ref a0, dims + d);
            s10 = Vector.FusedMultiplyAdd(x, y0, s10);
            s11 = Vector.FusedMultiplyAdd(x, y1, s11);
            s12 = Vector.FusedMultiplyAdd(x, y2, s12);
            x = Load(ref a0, (2 * dims) + d);
            s20 = Vector.FusedMultiplyAdd(x, y0, s20);
            s21 = Vector.FusedMultiplyAdd(x, y1, s21);
            s22 = Vector.FusedMultiplyAdd(x, y2, s22);
            x = Load(ref a0, (3 * dims) + d);
            s30 = Vector.FusedMultiplyAdd(x, y0, s30);
            s31 = Vector.FusedMultiplyAdd(x, y1, s31);
            s32 = Vector.FusedMultiplyAdd(x, y2, s32);
        }
        Span<float> sums =
        [
            Vector.Sum(s00), Vector.Sum(s01), Vector.Sum(s02), Vector.Sum(s10), Vector.Sum(s11), Vector.Sum(s12),
            Vector.Sum(s20), Vector.Sum(s21), Vector.Sum(s22), Vector.Sum(s30), Vector.Sum(s31), Vector.Sum(s32),
        ];
        for (int i = 0; i < TileA; i++)
        {
            for (int j = 0; j < TileB; j++)
            {
                float total = sums[(i * TileB) + j];
                for (int d = vectorized; d < dims; d++)
                    total += a[(i * dims) + d] * b[(j * dims) + d];
                c[(i * stride) + j] = total;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Load(ref float first, int at) => Vector.LoadUnsafe(ref first, (nuint)at);
}
