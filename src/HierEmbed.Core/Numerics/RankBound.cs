using System.Numerics;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Numerics;

/// <summary>Bounds the k-th largest of many keys from below, in one pass over them.</summary>
internal static class RankBound
{
    /// <summary>Groups of keys for each of the k: with more of them fewer of the largest keys share a group, and with fewer the search is shorter.</summary>
    private const int GroupsOfEach = 4;

    /// <summary>Share of k by which more keys may reach the bound than were asked for: a tighter one costs more than it leaves out.</summary>
    private const int Slack = 8;

    // k groups have a maximum of at least t  ⇒  k keys are at least t.   Group g holds the keys g, g + groups, g + 2·groups, …
    /// <summary>Finds a bound that at least k of the positive keys reach; 1 where no such bound is found.</summary>
    /// <param name="keys">Keys as they order, once <paramref name="mask"/> is applied.</param>
    /// <param name="mask">Bits of a key that count.</param>
    /// <param name="k">How many keys shall reach the bound, from 1.</param>
    /// <param name="scratch">At least as long as the keys.</param>
    /// <returns>The bound, from 1. Where the largest keys are spread over the groups, few more than k reach it.</returns>
    public static int Find(ReadOnlySpan<int> keys, int mask, int k, Span<int> scratch)
    {
        int width = Vector<int>.Count;
        // The keys behind the last whole vector are in no group: they could only raise the bound.
        int groups = Math.Min(((k * GroupsOfEach) + width - 1) / width, keys.Length / width) * width;
        if (groups < k)
            return 1;
        Span<int> maxima = scratch[..groups];
        var masks = new Vector<int>(mask);
        ref int first = ref MemoryMarshal.GetReference(keys);
        Vector<int> largest = Vector<int>.Zero;
        for (int group = 0; group < groups; group += width)
        {
            Vector<int> maximum = Vector<int>.Zero;
            for (int at = group; at <= keys.Length - width; at += groups)
                maximum = Vector.Max(maximum, Vector.LoadUnsafe(ref first, (nuint)at) & masks);
            maximum.CopyTo(maxima[group..]);
            largest = Vector.Max(largest, maximum);
        }
        return Narrow(maxima, k, Largest(largest));
    }

    /// <summary>Halves the range of the bound until little more than k maxima reach it.</summary>
    private static int Narrow(ReadOnlySpan<int> maxima, int k, int largest)
    {
        int low = 1, high = largest;
        while (low < high)
        {
            int middle = low + ((high - low + 1) / 2);
            int count = CountFrom(maxima, middle);
            if (count < k)
                high = middle - 1;
            else if (count <= k + (k / Slack))
                return middle;
            else
                low = middle;
        }
        return low;
    }

    private static int CountFrom(ReadOnlySpan<int> maxima, int bound)
    {
        ref int first = ref MemoryMarshal.GetReference(maxima);
        var bounds = new Vector<int>(bound);
        Vector<int> count = Vector<int>.Zero;
        for (int at = 0; at < maxima.Length; at += Vector<int>.Count)
            count -= Vector.GreaterThanOrEqual(Vector.LoadUnsafe(ref first, (nuint)at), bounds);
        return Vector.Sum(count);
    }

    private static int Largest(Vector<int> lanes)
    {
        int largest = lanes[0];
        for (int lane = 1; lane < Vector<int>.Count; lane++)
            largest = Math.Max(largest, lanes[lane]);
        return largest;
    }
}
