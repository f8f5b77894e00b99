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
    private const int RowSteps = 127, MaxVectorSteps = 1023;

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
        Span<short> rounded = Dims <= 4096 ? stackalloc short[Dims] : new short[Dims];
        for (int d = 0; d < vector.Length; d++)
            rounded[d] = scale == 0 ? (short)0 : (short)MathF.Round(vector[d] / scale);
        ReadOnlySpan<sbyte> all = MemoryMarshal.Cast<byte, sbyte>(values.Span);
        for (int row = 0; row < products.Length; row++)
            products[row] = Sum(all.Slice(row * Dims, Dims), rounded, plain) * scales[row] * scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Sum(ReadOnlySpan<sbyte> row, ReadOnlySpan<short> vector, bool plain)
    {
        int d = 0, sum = 0;
        ref sbyte a = ref MemoryMarshal.GetReference(row);
        ref short b = ref MemoryMarshal.GetReference(vector);
        if (Avx512BW.IsSupported && !plain)
        {
            Vector512<int> first = default, second = default;
            for (; d <= row.Length - 64; d += 64)
            {
                first += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref a, (nuint)d)), Vector512.LoadUnsafe(ref b, (nuint)d));
                second += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(ref a, (nuint)(d + 32))), Vector512.LoadUnsafe(ref b, (nuint)(d + 32)));
            }
            sum = Vector512.Sum(first + second);
        }
        else if (Avx2.IsSupported && !plain)
        {
            Vector256<int> first = default, second = default;
            for (; d <= row.Length - 32; d += 32)
            {
                first += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref a, (nuint)d)), Vector256.LoadUnsafe(ref b, (nuint)d));
                second += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref a, (nuint)(d + 16))), Vector256.LoadUnsafe(ref b, (nuint)(d + 16)));
            }
            sum = Vector256.Sum(first + second);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Vector128<int> sums = default;
            for (; d <= row.Length - 8; d += 8)
            {
                Vector128<short> x = Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<long>(ref Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref a, d)))).AsSByte());
                Vector128<short> y = Vector128.LoadUnsafe(ref b, (nuint)d);
                sums += (Vector128.WidenLower(x) * Vector128.WidenLower(y)) + (Vector128.WidenUpper(x) * Vector128.WidenUpper(y));
            }
            sum = Vector128.Sum(sums);
        }
        for (; d < row.Length; d++)
            sum += row[d] * vector[d];
        return sum;
    }
}
