using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Quantization;

/// <summary>Finds the centroid nearest to a short vector; ties go to the lower one.</summary>
/// <remarks>argmin |c|² − 2 x·c, a vector register of centroids at a time: for the few dims of a product quantizer several times as fast as a matrix product.</remarks>
internal sealed class NearestCentroid
{
    private static readonly int Lanes = Vector<float>.Count;
    private static readonly int Block = 4 * Vector<float>.Count;

    // Dimension by dimension, so that one load holds that dimension of neighbouring centroids; padded with centroids that are never nearest.
    private readonly float[] byDimension;
    private readonly float[] squares;
    private readonly int padded;

    /// <param name="centroids"><c>[count, dims]</c>.</param>
    /// <param name="dims">Length of a centroid.</param>
    public NearestCentroid(ReadOnlySpan<float> centroids, int dims)
    {
        int count = centroids.Length / dims;
        padded = (count + Block - 1) / Block * Block;
        byDimension = new float[dims * padded];
        squares = new float[padded];
        Array.Fill(squares, float.PositiveInfinity);
        for (int c = 0; c < count; c++)
        {
            double sum = 0;
            for (int d = 0; d < dims; d++)
            {
                float value = centroids[(c * dims) + d];
                byDimension[(d * padded) + c] = -2 * value;
                sum += (double)value * value;
            }
            squares[c] = (float)sum;
        }
    }

    /// <summary>Finds it.</summary>
    /// <param name="point"><c>[dims]</c>.</param>
    /// <param name="distance">Receives |x − c|².</param>
    /// <returns>The centroid's number.</returns>
    public int Find(ReadOnlySpan<float> point, out float distance)
    {
        ref float table = ref MemoryMarshal.GetArrayDataReference(byDimension);
        ref float norms = ref MemoryMarshal.GetArrayDataReference(squares);
        var least = new Vector<float>(float.PositiveInfinity);
        Vector<int> which = Vector<int>.Zero, numbers = Vector.CreateSequence(0, 1);
        for (int c = 0; c < padded; c += Block)
        {
            // Four sums at a time: each addition waits for the one before it.
            Vector<float> v0 = Vector.LoadUnsafe(ref norms, (nuint)c), v1 = Vector.LoadUnsafe(ref norms, (nuint)(c + Lanes));
            Vector<float> v2 = Vector.LoadUnsafe(ref norms, (nuint)(c + (2 * Lanes))), v3 = Vector.LoadUnsafe(ref norms, (nuint)(c + (3 * Lanes)));
            ref float column = ref Unsafe.Add(ref table, c);
            foreach (float value in point)
            {
                var x = new Vector<float>(value);
                v0 = Vector.FusedMultiplyAdd(x, Vector.LoadUnsafe(ref column), v0);
                v1 = Vector.FusedMultiplyAdd(x, Vector.LoadUnsafe(ref column, (nuint)Lanes), v1);
                v2 = Vector.FusedMultiplyAdd(x, Vector.LoadUnsafe(ref column, (nuint)(2 * Lanes)), v2);
                v3 = Vector.FusedMultiplyAdd(x, Vector.LoadUnsafe(ref column, (nuint)(3 * Lanes)), v3);
                column = ref Unsafe.Add(ref column, padded);
            }
            Take(v0, ref least, ref which, ref numbers);
            Take(v1, ref least, ref which, ref numbers);
            Take(v2, ref least, ref which, ref numbers);
            Take(v3, ref least, ref which, ref numbers);
        }
        int nearest = which[0];
        float best = least[0];
        for (int lane = 1; lane < Lanes; lane++)
        {
            if (least[lane] < best || (least[lane] == best && which[lane] < nearest))
                (best, nearest) = (least[lane], which[lane]);
        }
        float length = 0;
        foreach (float value in point)
            length += value * value;
        distance = Math.Max(best + length, 0);
        return nearest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Take(Vector<float> values, ref Vector<float> least, ref Vector<int> which, ref Vector<int> numbers)
    {
        Vector<int> below = Vector.LessThan(values, least);
        least = Vector.Min(values, least);
        which = Vector.ConditionalSelect(below, numbers, which);
        numbers += new Vector<int>(Lanes);
    }
}
