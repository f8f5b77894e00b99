using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HierEmbed.Core.Search;

/// <summary>The rows whose sketches score best: about as many as are wanted, and all whose score is as high as the lowest of them.</summary>
internal static class SketchCandidates
{
    private const int SampleStep = 16, MaxScore = SketchAxes.SketchDims / 2 * 127;

    /// <summary>Finds candidates.</summary>
    /// <param name="blocks">Blocks with sketches.</param>
    /// <param name="query">The query.</param>
    /// <param name="wanted">How many; a sample of the scores decides, so a few more or fewer come.</param>
    /// <param name="least">How many must come, up to wanted; fewer than there are rows.</param>
    /// <returns>Rows, ascending, and the cosines that their sketches stand for.</returns>
    public static (int[] Rows, float[] Scores) Find(IReadOnlyList<IndexBlock> blocks, SketchedQuery query, int wanted, int least)
    {
        ushort[] sums = ArrayPool<ushort>.Shared.Rent(blocks.Sum(block => Padded(block.Rows)));
        try
        {
            int at = 0;
            foreach (IndexBlock block in blocks)
            {
                RowSketches.Score(block.Sketches.Span, query.Lookups, sums.AsSpan(at, Padded(block.Rows)));
                at += Padded(block.Rows);
            }
            int cut = Cut(blocks, sums, wanted, SampleStep), count = Count(blocks, sums, cut);
            if (count < least)
            {
                cut = Cut(blocks, sums, wanted, 1);
                count = Count(blocks, sums, cut);
            }
            return Take(blocks, sums, query, cut, count);
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(sums);
        }
    }

    private static int Padded(int rows) => (rows + RowSketches.GroupRows - 1) / RowSketches.GroupRows * RowSketches.GroupRows;

    /// <summary>The score that so many rows reach, by every step-th row.</summary>
    private static int Cut(IReadOnlyList<IndexBlock> blocks, ushort[] sums, int wanted, int step)
    {
        var counts = new int[MaxScore + 1];
        int at = 0;
        foreach (IndexBlock block in blocks)
        {
            for (int row = 0; row < block.Rows; row += step)
                counts[Math.Min((int)sums[at + row], MaxScore)]++;
            at += Padded(block.Rows);
        }
        int cut = MaxScore;
        for (long above = (long)counts[cut] * step; cut > 0 && above < wanted;)
            above += (long)counts[--cut] * step;
        return cut;
    }

    private static int Count(IReadOnlyList<IndexBlock> blocks, ushort[] sums, int cut)
    {
        int at = 0, count = 0;
        foreach (IndexBlock block in blocks)
        {
            ReadOnlySpan<ushort> own = sums.AsSpan(at, block.Rows);
            for (int row = 0; row < own.Length; row += Vector256<ushort>.Count)
                count += BitOperations.PopCount(Reaching(own, row, cut));
            at += Padded(block.Rows);
        }
        return count;
    }

    private static (int[] Rows, float[] Scores) Take(IReadOnlyList<IndexBlock> blocks, ushort[] sums, SketchedQuery query, int cut, int count)
    {
        var rows = new int[count];
        var scores = new float[count];
        int at = 0, taken = 0;
        foreach (IndexBlock block in blocks)
        {
            ReadOnlySpan<ushort> own = sums.AsSpan(at, block.Rows);
            for (int row = 0; row < own.Length; row += Vector256<ushort>.Count)
            {
                for (uint reaching = Reaching(own, row, cut); reaching != 0; reaching &= reaching - 1)
                {
                    int found = row + BitOperations.TrailingZeroCount(reaching);
                    scores[taken] = query.Score(own[found]);
                    rows[taken++] = block.First + found;
                }
            }
            at += Padded(block.Rows);
        }
        return (rows, scores);
    }

    private static uint Reaching(ReadOnlySpan<ushort> sums, int row, int cut)
    {
        if (row <= sums.Length - Vector256<ushort>.Count)
            return Vector256.GreaterThanOrEqual(Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(sums), (nuint)row), Vector256.Create((ushort)cut)).ExtractMostSignificantBits();
        uint reaching = 0;
        for (int i = row; i < sums.Length; i++)
            reaching |= (sums[i] >= cut ? 1u : 0) << (i - row);
        return reaching;
    }
}
