using System.Numerics;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Numerics;

/// <summary>Selects the largest of many keys.</summary>
internal static class LargestKeys
{
    /// <summary>Quickselect (Hoare 1961): afterwards the largest <paramref name="k"/> keys stand first, in any order.</summary>
    public static void Partition(Span<ulong> keys, int k)
    {
        int low = 0, high = keys.Length - 1;
        while (low < high)
        {
            ulong pivot = MedianOfThree(keys[low], keys[(low + high) / 2], keys[high]);
            int i = low, j = high;
            while (i <= j)
            {
                while (keys[i] > pivot)
                    i++;
                while (keys[j] < pivot)
                    j--;
                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }
            if (k - 1 <= j)
                high = j;
            else if (k - 1 >= i)
                low = i;
            else
                return;
        }
    }

    /// <summary>How many keys are greater than one: its rank, where all differ. Keys are below 2⁶³, so that they compare as signed numbers.</summary>
    public static int CountAbove(ReadOnlySpan<ulong> keys, ulong key)
    {
        ReadOnlySpan<long> signed = MemoryMarshal.Cast<ulong, long>(keys);
        ref long first = ref MemoryMarshal.GetReference(signed);
        var bound = new Vector<long>((long)key);
        Vector<long> above = Vector<long>.Zero;
        int i = 0;
        for (; i <= signed.Length - Vector<long>.Count; i += Vector<long>.Count)
            above -= Vector.GreaterThan(Vector.LoadUnsafe(ref first, (nuint)i), bound);
        int count = (int)Vector.Sum(above);
        for (; i < signed.Length; i++)
            count += signed[i] > (long)key ? 1 : 0;
        return count;
    }

    private static ulong MedianOfThree(ulong a, ulong b, ulong c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
