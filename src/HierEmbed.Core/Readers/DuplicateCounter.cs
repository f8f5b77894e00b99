using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Readers;

/// <summary>Counts rows that repeat an earlier row bit for bit, by a 64-bit hash of each. Exact up to a number of different rows, an estimate from a sample of them beyond.</summary>
/// <remarks>A row's copies share its hash, so they are in the sample or out of it together (adaptive sampling: Flajolet 1990). Of 16 million rows, two that
/// differ share a hash with a chance of 1 in 130,000.</remarks>
/// <param name="capacity">Different hashes that are held at most: in 64 MiB by default.</param>
public sealed class DuplicateCounter(int capacity = DuplicateCounter.DefaultCapacity)
{
    /// <summary>Different rows that are counted exactly.</summary>
    public const int DefaultCapacity = 3_000_000;

    private const int FirstSlots = 1024;

    // A hash table with open addressing, filled to three quarters at most; a slot without copies is free.
    private (ulong Hash, long Copies)[] slots = new (ulong, long)[FirstSlots];
    private int held;
    private long rows;
    private int level;

    /// <summary>Whether every row was counted.</summary>
    public bool IsExact => level == 0;

    /// <summary>Bytes of the table.</summary>
    internal long Bytes => 16L * slots.Length;

    /// <summary>The hash of a row.</summary>
    public static ulong HashOf(ReadOnlySpan<float> row) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(row));

    /// <summary>Adds a row by its hash.</summary>
    public void Add(ulong hash)
    {
        rows++;
        AddCopies(hash, 1);
    }

    /// <summary>Adds the rows of another counter.</summary>
    public void Add(DuplicateCounter other)
    {
        rows += other.rows;
        if (level < other.level)
            ThinTo(other.level);
        // In a scattered order: in that of the slots, the hashes would crowd the beginning of this table while there is room behind.
        const uint stride = 0x9E3779B1;
        for (uint i = 0; i < other.slots.Length; i++)
        {
            (ulong hash, long copies) = other.slots[(i * stride) & (other.slots.Length - 1)];
            if (copies > 0)
                AddCopies(hash, copies);
        }
    }

    /// <summary>Rows that repeat an earlier one.</summary>
    public long Count()
    {
        if (IsExact)
            return rows - held;
        // The repeats of the sample are the better figure, and 0 where there are none, unless one row has very many copies, in or out of the sample:
        // then they leave what the number of different rows allows, whose standard deviation is the root of its sample.
        double scale = Math.Pow(2, level), repeats = scale * (slots.Sum(slot => slot.Copies) - held);
        double others = rows - (scale * held), margin = 3 * scale * Math.Sqrt(held);
        return (long)Math.Clamp(Math.Clamp(repeats, others - margin, others + margin), 0, rows - 1);
    }

    private void AddCopies(ulong hash, long copies)
    {
        if (!IsSampled(hash))
            return;
        if (Put(hash, copies))
            held++;
        while (held > capacity)
            ThinTo(level + 1);
        if (held > slots.Length / 4 * 3)
            Rebuild(slots.Length * 2);
    }

    /// <summary>Puts copies of a row into the table.</summary>
    /// <returns>Whether it is the row's first.</returns>
    private bool Put(ulong hash, long copies)
    {
        int slot = (int)(hash & (ulong)(slots.Length - 1));
        while (slots[slot].Copies > 0 && slots[slot].Hash != hash)
            slot = (slot + 1) & (slots.Length - 1);
        bool first = slots[slot].Copies == 0;
        slots[slot] = (hash, slots[slot].Copies + copies);
        return first;
    }

    private void ThinTo(int newLevel)
    {
        level = newLevel;
        Rebuild(slots.Length);
    }

    private void Rebuild(int newSlots)
    {
        (ulong Hash, long Copies)[] before = slots;
        slots = new (ulong, long)[newSlots];
        held = 0;
        foreach ((ulong hash, long copies) in before)
        {
            if (copies > 0 && IsSampled(hash) && Put(hash, copies))
                held++;
        }
    }

    /// <summary>One hash in 2^level.</summary>
    private bool IsSampled(ulong hash) => level == 0 || hash >> (64 - level) == 0;
}
