using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Numerics;

/// <summary>Selects the largest of a few thousand scores without branches that depend on them.</summary>
internal static class LargestScores
{
    /// <summary>The k-th largest score, by bisection over all floats: at most 32 counts.</summary>
    /// <param name="scores">Scores, no NaN.</param>
    /// <param name="k">From 1 to as many as there are.</param>
    public static float Kth(ReadOnlySpan<float> scores, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, scores.Length);
        int[] buffer = ArrayPool<int>.Shared.Rent(scores.Length);
        Span<int> keys = buffer.AsSpan(0, scores.Length);
        for (int i = 0; i < keys.Length; i++)
            keys[i] = Ordered(BitConverter.SingleToInt32Bits(scores[i] + 0f));
        long low = TensorPrimitives.Min<int>(keys), high = TensorPrimitives.Max<int>(keys);
        while (low < high)
        {
            long middle = (low + high + 1) >> 1;
            if (CountFrom(keys, (int)middle) >= k)
                low = middle;
            else
                high = middle - 1;
        }
        ArrayPool<int>.Shared.Return(buffer);
        return BitConverter.Int32BitsToSingle(Ordered((int)low));
    }

    /// <summary>How many scores are above one.</summary>
    /// <param name="scores">Scores, no NaN.</param>
    /// <param name="score">The one.</param>
    public static int CountAbove(ReadOnlySpan<float> scores, float score)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var bound = new Vector<float>(score);
        Vector<int> counts = Vector<int>.Zero;
        foreach (Vector<float> vector in vectors)
            counts -= Vector.GreaterThan(vector, bound);
        int count = Vector.Sum(counts);
        foreach (float last in scores[(vectors.Length * Vector<float>.Count)..])
            count += last > score ? 1 : 0;
        return count;
    }

    private static int CountFrom(ReadOnlySpan<int> keys, int least)
    {
        ReadOnlySpan<Vector<int>> vectors = MemoryMarshal.Cast<int, Vector<int>>(keys);
        var bound = new Vector<int>(least);
        Vector<int> counts = Vector<int>.Zero;
        foreach (Vector<int> vector in vectors)
            counts -= Vector.GreaterThanOrEqual(vector, bound);
        int count = Vector.Sum(counts);
        for (int i = vectors.Length * Vector<int>.Count; i < keys.Length; i++)
            count += keys[i] >= least ? 1 : 0;
        return count;
    }

    /// <summary>Whole numbers that order as floats do, and back again: negative floats order the other way round.</summary>
    private static int Ordered(int bits) => bits ^ ((bits >> 31) & int.MaxValue);
}
