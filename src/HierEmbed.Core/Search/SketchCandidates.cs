using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HierEmbed.Core.Search;

/// <summary>The rows whose sketches score best: about as many as are wanted, and all whose score is as high as the lowest of them.</summary>
internal static class SketchCandidates
{
    private const int SampleStep = 32, MaxScore = SketchAxes.SketchDims / 2 * 127;

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
            List<int> found = Reaching(blocks, sums, Cut(blocks, sums, wanted, SampleStep), wanted);
            if (found.Count < least)
                found = Reaching(blocks, sums, Cut(blocks, sums, wanted, 1), wanted);
            int[] rows = [.. found];
            return (rows, Scores(blocks, sums, rows, query));
        }
        finally
        {
            ArrayPool<ushort>.Shared.Return(sums);
        }
    }

    private static int Padded(int rows) => (rows + RowSketches.GroupRows - 1) / RowSketches.GroupRows * RowSketches.GroupRows;

    /// <summary>The score that so many rows reach, by every step-th group of rows.</summary>
    private static int Cut(IReadOnlyList<IndexBlock> blocks, ushort[] sums, int wanted, int step)
    {
        var counts = new int[MaxScore + 1];
        int at = 0;
        foreach (IndexBlock block in blocks)
        {
            // Whole groups: their scores lie together.
            for (int group = 0; group < block.Rows; group += step * RowSketches.GroupRows)
            {
                foreach (ushort sum in sums.AsSpan(at + group, Math.Min(RowSketches.GroupRows, block.Rows - group)))
                    counts[Math.Min((int)sum, MaxScore)]++;
            }
            at += Padded(block.Rows);
        }
        int cut = MaxScore;
        for (long above = (long)counts[cut] * step; cut > 0 && above < wanted;)
            above += (long)counts[--cut] * step;
        return cut;
    }

    /// <summary>The rows that reach a score, ascending.</summary>
    private static List<int> Reaching(IReadOnlyList<IndexBlock> blocks, ushort[] sums, int cut, int expected)
    {
        var rows = new List<int>(expected);
        int at = 0;
        foreach (IndexBlock block in blocks)
        {
            ReadOnlySpan<ushort> own = sums.AsSpan(at, block.Rows);
            ref ushort first = ref MemoryMarshal.GetReference(own);
            Vector512<ushort> least = Vector512.Create((ushort)cut);
            int row = 0;
            for (; row <= own.Length - Vector512<ushort>.Count; row += Vector512<ushort>.Count)
            {
                for (ulong reaching = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, (nuint)row), least).ExtractMostSignificantBits(); reaching != 0; reaching &= reaching - 1)
                    rows.Add(block.First + row + BitOperations.TrailingZeroCount(reaching));
            }
            for (; row < own.Length; row++)
            {
                if (own[row] >= cut)
                    rows.Add(block.First + row);
            }
            at += Padded(block.Rows);
        }
        return rows;
    }

    private static float[] Scores(IReadOnlyList<IndexBlock> blocks, ushort[] sums, ReadOnlySpan<int> rows, SketchedQuery query)
    {
        var scores = new float[rows.Length];
        int at = 0, i = 0;
        foreach (IndexBlock block in blocks)
        {
            for (; i < rows.Length && rows[i] < block.First + block.Rows; i++)
                scores[i] = query.Score(sums[at + rows[i] - block.First]);
            at += Padded(block.Rows);
        }
        return scores;
    }
}
