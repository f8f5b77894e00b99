using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Readers;

/// <summary>Counts rows that repeat an earlier row bit for bit, by a 64-bit hash of each. Exact up to a capacity, from a sample of the hashes beyond.</summary>
/// <remarks>A row's copies share its hash, so they are in the sample or out of it together. Of 16 million rows, two that differ share a hash with a chance of 1 in 130,000.</remarks>
/// <param name="capacity">Hashes that are held at most, 8 bytes each.</param>
public sealed class DuplicateCounter(int capacity = 1 << 24)
{
    private readonly List<ulong> hashes = [];
    private int level;

    /// <summary>Whether every row was counted.</summary>
    public bool IsExact => level == 0;

    /// <summary>The hash of a row.</summary>
    public static ulong HashOf(ReadOnlySpan<float> row) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(row));

    /// <summary>Adds a row by its hash.</summary>
    public void Add(ulong hash)
    {
        if (!IsSampled(hash))
            return;
        hashes.Add(hash);
        while (hashes.Count > capacity)
        {
            level++;
            hashes.RemoveAll(held => !IsSampled(held));
        }
    }

    /// <summary>Rows that repeat an earlier one.</summary>
    public long Count()
    {
        ulong[] sorted = [.. hashes];
        Array.Sort(sorted);
        long repeated = 0;
        for (int i = 1; i < sorted.Length; i++)
            repeated += sorted[i] == sorted[i - 1] ? 1 : 0;
        return repeated << level;
    }

    /// <summary>One hash in 2^level.</summary>
    private bool IsSampled(ulong hash) => level == 0 || hash >> (64 - level) == 0;
}
