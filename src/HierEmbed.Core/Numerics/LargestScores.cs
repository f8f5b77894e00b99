using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Numerics;

/// <summary>Selects the largest of a few thousand scores without branches that depend on them.</summary>
internal static class LargestScores
{
    /// <summary>The k-th largest score and how many are above it, by bisection over all floats: at most 33 counts.</summary>
    /// <param name="scores">Scores, no NaN.</param>
    /// <param name="k">From 1 to as many as there are.</param>
    public static (float Score, int Above) Kth(ReadOnlySpan<float> scores, int k)
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
        int above = CountFrom(keys, (int)low + 1);
        ArrayPool<int>.Shared.Return(buffer);
        return (BitConverter.Int32BitsToSingle(Ordered((int)low)), above);
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
