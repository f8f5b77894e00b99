using System.Numerics;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Numerics;

/// <summary>Selects the largest of a few thousand scores without branches that depend on them.</summary>
internal static class LargestScores
{
    /// <summary>The k-th largest score, by bisection over all floats: 32 counts.</summary>
    /// <param name="scores">Scores, no NaN.</param>
    /// <param name="k">From 1 to as many as there are.</param>
    public static float Kth(ReadOnlySpan<float> scores, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, scores.Length);
        var keys = new int[scores.Length];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = Ordered(BitConverter.SingleToInt32Bits(scores[i] + 0f));
        long low = int.MinValue, high = int.MaxValue;
        while (low < high)
        {
            long middle = (low + high + 1) >> 1;
            if (CountFrom(keys, (int)middle) >= k)
                low = middle;
            else
                high = middle - 1;
        }
        return BitConverter.Int32BitsToSingle(Ordered((int)low));
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
