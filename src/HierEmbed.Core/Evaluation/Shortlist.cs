namespace HierEmbed.Core.Evaluation;

/// <summary>The rows with the highest scores of one query among those offered, in any order; ties go to the lower row.</summary>
internal sealed class Shortlist
{
    // Score above, complement of the row below: one comparison decides both. Full twice over, it is cut back to the best half.
    private readonly ulong[] keys;
    private readonly int capacity;
    private int count;
    private float lowest = float.NegativeInfinity;

    /// <param name="capacity">Most rows to keep, from 1.</param>
    public Shortlist(int capacity)
    {
        this.capacity = capacity;
        keys = new ulong[2 * capacity];
    }

    /// <summary>Offers consecutive rows.</summary>
    /// <param name="first">Number of the first one.</param>
    /// <param name="scores">Their scores, finite.</param>
    /// <param name="except">A row that does not count: the query itself.</param>
    public void Offer(int first, ReadOnlySpan<float> scores, int except)
    {
        for (int i = 0; i < scores.Length; i++)
        {
            if (!(scores[i] >= lowest) || first + i == except)
                continue;
            keys[count++] = Key(scores[i], first + i);
            if (count == keys.Length)
                Cut();
        }
    }

    /// <summary>The rows kept, best first.</summary>
    public int[] Ranked()
    {
        Span<ulong> kept = keys.AsSpan(0, count);
        kept.Sort(static (x, y) => y.CompareTo(x));
        int[] rows = new int[Math.Min(count, capacity)];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = (int)~(uint)kept[i];
        return rows;
    }

    private void Cut()
    {
        keys.AsSpan().Sort(static (x, y) => y.CompareTo(x));
        count = capacity;
        lowest = Score(keys[capacity - 1]);
    }

    // Floats order as their bits do once the sign is turned round, and negative ones wholly. −0 is 0.
    private static ulong Key(float score, int row)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        uint ordered = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)ordered << 32) | ~(uint)row;
    }

    private static float Score(ulong key)
    {
        uint ordered = (uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((ordered & 0x8000_0000) != 0 ? ordered & 0x7FFF_FFFF : ~ordered);
    }
}
