using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace HierEmbed.Core.Numerics;

/// <summary>Rows rounded to a byte a value, a scale a row: a quarter of what a product with them reads from memory. Immutable, thread-safe.</summary>
/// <remarks>Products are summed in whole numbers, so they are the same on every machine. The vector is rounded to 1/1023 of its largest value, the rows to 1/127 of theirs.</remarks>
internal sealed class ByteRows
{
    private const int RowSteps = 127, MaxVectorSteps = 1023, SumsAtOnce = 4, MostOnStack = 4096;

    private readonly ReadOnlyMemory<byte> values;
    private readonly float[] scales;

    /// <summary>Takes rows that are rounded already.</summary>
    /// <param name="values"><c>[rows, dims]</c>, a signed byte each.</param>
    /// <param name="scales">What a row's values are to be multiplied with, <c>[rows]</c>.</param>
    public ByteRows(ReadOnlyMemory<byte> values, float[] scales)
    {
        this.values = values;
        this.scales = scales;
        Dims = scales.Length == 0 ? 0 : values.Length / scales.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, Dims * scales.Length, nameof(values));
    }

    /// <summary>Rows.</summary>
    public int Rows => scales.Length;

    /// <summary>Length of a row.</summary>
    public int Dims { get; }

    /// <summary>The rounded values, <c>[rows, dims]</c>.</summary>
    public ReadOnlyMemory<byte> Values => values;

    /// <summary>The rows' scales.</summary>
    public ReadOnlySpan<float> Scales => scales;

    /// <summary>Rounds rows.</summary>
    /// <param name="rows"><c>[rows, dims]</c>, finite.</param>
    /// <param name="dims">Length of a row.</param>
    public static ByteRows Round(ReadOnlySpan<float> rows, int dims)
    {
        Memory<byte> bytes = AlignedBytes.Allocate(rows.Length);
        Span<sbyte> values = MemoryMarshal.Cast<byte, sbyte>(bytes.Span);
        var scales = new float[rows.Length / dims];
        for (int row = 0; row < scales.Length; row++)
        {
            ReadOnlySpan<float> from = rows.Slice(row * dims, dims);
            scales[row] = MathF.Abs(TensorPrimitives.MaxMagnitude(from)) / RowSteps;
            for (int d = 0; d < dims; d++)
                values[(row * dims) + d] = scales[row] == 0 ? (sbyte)0 : (sbyte)MathF.Round(from[d] / scales[row]);
        }
        return new ByteRows(bytes, scales);
    }

    /// <summary>Products of all rows with a vector.</summary>
    /// <param name="vector"><c>[dims]</c>, finite.</param>
    /// <param name="products">Receives <c>[rows]</c>.</param>
    /// <param name="plain">Whether to do without the processor's own instructions.</param>
    public void Multiply(ReadOnlySpan<float> vector, Span<float> products, bool plain = false)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, Dims, nameof(vector));
        ArgumentOutOfRangeException.ThrowIfNotEqual(products.Length, Rows, nameof(products));
        // A sum of so many products stays below 2³¹.
        int steps = Math.Min(MaxVectorSteps, int.MaxValue / RowSteps / Math.Max(1, Dims));
        float scale = MathF.Abs(TensorPrimitives.MaxMagnitude(vector)) / steps;
        Span<short> rounded = Dims <= MostOnStack ? stackalloc short[Dims] : new short[Dims];
        Round(vector, scale, rounded);
        ref sbyte all = ref Unsafe.As<byte, sbyte>(ref MemoryMarshal.GetReference(values.Span));
        ref short by = ref MemoryMarshal.GetReference(rounded);
        int row = 0;
        for (; Avx2.IsSupported && !plain && row <= products.Length - SumsAtOnce; row += SumsAtOnce)
        {
            Vector128<float> sums = Vector128.ConvertToSingle(Sums(ref Unsafe.Add(ref all, (nint)row * Dims), ref by, Dims));
            (sums * Vector128.Create(scales.AsSpan(row, SumsAtOnce)) * scale).CopyTo(products[row..]);
        }
        for (; row < products.Length; row++)
            products[row] = Sum(ref Unsafe.Add(ref all, (nint)row * Dims), ref by, Dims) * scales[row] * scale;
    }

    /// <summary>Whole steps of a vector, half ones to even.</summary>
    private static void Round(ReadOnlySpan<float> vector, float scale, Span<short> rounded)
    {
        rounded.Clear();
        if (scale == 0)
            return;
        Span<float> steps = vector.Length <= MostOnStack ? stackalloc float[vector.Length] : new float[vector.Length];
        TensorPrimitives.Divide(vector, scale, steps);
        TensorPrimitives.Round(steps, steps);
        TensorPrimitives.ConvertTruncating<float, short>(steps, rounded);
    }

    /// <summary>The sums of products of four rows with a vector: what is read of the vector serves all, and their lanes are added up together.</summary>
    private static Vector128<int> Sums(ref sbyte rows, ref short vector, int dims)
    {
        ref sbyte row1 = ref Unsafe.Add(ref rows, dims), row2 = ref Unsafe.Add(ref rows, 2 * dims), row3 = ref Unsafe.Add(ref rows, 3 * dims);
        Vector256<int> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        int d = 0;
        if (Avx512BW.IsSupported)
        {
            Vector512<int> wide0 = default, wide1 = default, wide2 = default, wide3 = default;
            for (; d <= dims - Vector256<sbyte>.Count; d += Vector256<sbyte>.Count)
            {
                Vector512<short> by = Vector512.LoadUnsafe(ref vector, (nuint)d);
                wide0 += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref rows, (nuint)d)), by);
                wide1 += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref row1, (nuint)d)), by);
                wide2 += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref row2, (nuint)d)), by);
                wide3 += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref row3, (nuint)d)), by);
            }
            (sum0, sum1) = (wide0.GetLower() + wide0.GetUpper(), wide1.GetLower() + wide1.GetUpper());
            (sum2, sum3) = (wide2.GetLower() + wide2.GetUpper(), wide3.GetLower() + wide3.GetUpper());
        }
        for (; d <= dims - Vector128<sbyte>.Count; d += Vector128<sbyte>.Count)
        {
            Vector256<short> by = Vector256.LoadUnsafe(ref vector, (nuint)d);
            sum0 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref rows, (nuint)d)), by);
            sum1 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref row1, (nuint)d)), by);
            sum2 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref row2, (nuint)d)), by);
            sum3 += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref row3, (nuint)d)), by);
        }
        Vector128<int> sums = Ssse3.HorizontalAdd(
            Ssse3.HorizontalAdd(sum0.GetLower() + sum0.GetUpper(), sum1.GetLower() + sum1.GetUpper()),
            Ssse3.HorizontalAdd(sum2.GetLower() + sum2.GetUpper(), sum3.GetLower() + sum3.GetUpper()));
        for (; d < dims; d++)
            sums += Vector128.Create(Unsafe.Add(ref rows, d), Unsafe.Add(ref row1, d), Unsafe.Add(ref row2, d), (int)Unsafe.Add(ref row3, d)) * Unsafe.Add(ref vector, d);
        return sums;
    }

    /// <summary>The sum of one row's products with a vector.</summary>
    private static int Sum(ref sbyte row, ref short vector, int dims)
    {
        int d = 0, sum = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            Vector128<int> sums = default;
            for (; d <= dims - Vector128<short>.Count; d += Vector128<short>.Count)
            {
                Vector128<short> x = Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<long>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref row, d)))).AsSByte());
                Vector128<short> y = Vector128.LoadUnsafe(ref vector, (nuint)d);
                sums += (Vector128.WidenLower(x) * Vector128.WidenLower(y)) + (Vector128.WidenUpper(x) * Vector128.WidenUpper(y));
            }
            sum = Vector128.Sum(sums);
        }
        for (; d < dims; d++)
            sum += Unsafe.Add(ref row, d) * Unsafe.Add(ref vector, d);
        return sum;
    }
}
