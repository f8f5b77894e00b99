using System.Numerics;
using HierEmbed.Core.Numerics;

namespace HierEmbed.Core.Search;

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
        int i = 0;
        for (; i <= scores.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            // Most rows are below the lowest one kept: they are passed over a vector at a time.
            if (!Vector.GreaterThanOrEqualAny(new Vector<float>(scores[i..]), new Vector<float>(lowest)))
                continue;
            for (int j = i; j < i + Vector<float>.Count; j++)
                Offer(first + j, scores[j], except);
        }
        for (; i < scores.Length; i++)
            Offer(first + i, scores[i], except);
    }

    /// <summary>Offers one row.</summary>
    /// <param name="row">Its number.</param>
    /// <param name="score">Its score, finite.</param>
    /// <param name="except">A row that does not count: the query itself.</param>
    public void Offer(int row, float score, int except = -1)
    {
        if (!(score >= lowest) || row == except)
            return;
        keys[count++] = Key(score, row);
        if (count == keys.Length)
            Cut();
    }

    /// <summary>The rows kept, best first.</summary>
    public int[] Ranked() => Array.ConvertAll(Sorted().ToArray(), Row);

    /// <summary>The rows kept with their scores, best first.</summary>
    public (int Row, float Score)[] RankedWithScores() => Array.ConvertAll(Sorted().ToArray(), key => (Row(key), Score(key)));

    /// <summary>The rows kept, ascending, with their scores.</summary>
    public (int[] Rows, float[] Scores) ByRow()
    {
        (int Row, float Score)[] kept = RankedWithScores();
        int[] rows = Array.ConvertAll(kept, row => row.Row);
        float[] scores = Array.ConvertAll(kept, row => row.Score);
        Array.Sort(rows, scores);
        return (rows, scores);
    }

    /// <summary>The best of ascending rows, ascending.</summary>
    /// <param name="rows">Rows, more than are kept.</param>
    /// <param name="scores">Their scores.</param>
    /// <param name="kept">How many to keep, from 1.</param>
    /// <param name="except">A row that does not count: the query itself.</param>
    public static (int[] Rows, float[] Scores) Cut(int[] rows, float[] scores, int kept, int except)
    {
        int own = Array.BinarySearch(rows, except);
        if (own >= 0)
            scores[own] = float.NegativeInfinity;
        (float least, int above) = LargestScores.Kth(scores, kept);
        // Of those that tie for the last places the first rows get them.
        int ties = kept - above;
        var (bestRows, bestScores) = (new int[kept], new float[kept]);
        for (int i = 0, at = 0; at < kept; i++)
        {
            // Written in any case, and over again unless it stays: which ones stay is not to be guessed.
            (bestRows[at], bestScores[at]) = (rows[i], scores[i]);
            bool stays = scores[i] > least;
            if (scores[i] == least)
                stays = ties-- > 0;
            at += stays ? 1 : 0;
        }
        return (bestRows, bestScores);
    }

    private Span<ulong> Sorted()
    {
        Span<ulong> kept = Kept();
        // Without a comparison of its own the sort takes a third of the time.
        kept.Sort();
        kept.Reverse();
        return kept;
    }

    private Span<ulong> Kept()
    {
        if (count > capacity)
            Cut();
        return keys.AsSpan(0, count);
    }

    private void Cut()
    {
        LargestKeys.Partition(keys.AsSpan(0, count), capacity);
        count = capacity;
        ulong least = ulong.MaxValue;
        foreach (ulong key in keys.AsSpan(0, capacity))
            least = Math.Min(least, key);
        lowest = Score(least);
    }

    private static int Row(ulong key) => (int)~(uint)key;

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
