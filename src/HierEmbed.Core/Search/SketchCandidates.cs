using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace HierEmbed.Core.Search;

/// <summary>The rows whose sketches score best: about as many as are wanted, and all whose score is as high as the lowest of them.</summary>
internal static class SketchCandidates
{
    private const int SampleStep = 32, MaxSum = SketchAxes.SketchDims / 2 * 127;

    /// <summary>Finds candidates.</summary>
    /// <param name="blocks">Blocks with sketches.</param>
    /// <param name="query">The query.</param>
    /// <param name="wanted">How many; the scores of a sample decide, so a few more or fewer come.</param>
    /// <param name="least">How many must come, up to wanted; fewer than there are rows.</param>
    /// <returns>Rows, ascending.</returns>
    public static int[] Find(IReadOnlyList<IndexBlock> blocks, SketchedQuery query, int wanted, int least)
    {
        int[] found = Reaching(blocks, query, Bound(blocks, query, wanted, SampleStep));
        return found.Length < least ? Reaching(blocks, query, Bound(blocks, query, wanted, 1)) : found;
    }

    /// <summary>The cosines that sketches of rows stand for.</summary>
    /// <param name="blocks">Blocks with sketches.</param>
    /// <param name="query">The query.</param>
    /// <param name="rows">Which rows, ascending.</param>
    public static float[] Scores(IReadOnlyList<IndexBlock> blocks, SketchedQuery query, ReadOnlySpan<int> rows)
    {
        var scores = new float[rows.Length];
        int i = 0;
        foreach (IndexBlock block in blocks)
        {
            for (; i < rows.Length && rows[i] < block.First + block.Rows; i++)
                scores[i] = query.Score(RowSketches.SumOf(block.Sketches.Span, query.Lookups, rows[i] - block.First));
        }
        return scores;
    }

    /// <summary>The highest sum of lookups that so many rows reach, by every step-th group of rows; 0 where there are not so many.</summary>
    private static ushort Bound(IReadOnlyList<IndexBlock> blocks, SketchedQuery query, int wanted, int step)
    {
        int most = 0;
        foreach (IndexBlock block in blocks)
            most += SampledGroups(block, step) * RowSketches.GroupRows;
        ushort[] buffer = ArrayPool<ushort>.Shared.Rent(most);
        int sampled = 0;
        foreach (IndexBlock block in blocks)
        {
            int groups = SampledGroups(block, step);
            RowSketches.Sum(block.Sketches.Span, query.Lookups, step, buffer.AsSpan(sampled, groups * RowSketches.GroupRows));
            // What is behind the last row of a block is no row.
            sampled += ((groups - 1) * RowSketches.GroupRows) + Math.Min(RowSketches.GroupRows, block.Rows - ((groups - 1) * step * RowSketches.GroupRows));
        }
        ReadOnlySpan<ushort> sums = buffer.AsSpan(0, sampled);
        int low = 0, high = MaxSum;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if ((long)CountFrom(sums, (ushort)middle) * step >= wanted)
                low = middle;
            else
                high = middle - 1;
        }
        ArrayPool<ushort>.Shared.Return(buffer);
        return (ushort)low;
    }

    private static int SampledGroups(IndexBlock block, int step) => (RowSketches.GroupsOf(block.Rows) + step - 1) / step;

    private static int CountFrom(ReadOnlySpan<ushort> sums, ushort least)
    {
        ReadOnlySpan<Vector<ushort>> vectors = MemoryMarshal.Cast<ushort, Vector<ushort>>(sums);
        var bound = new Vector<ushort>(least);
        int count = 0;
        // A lane counts to 65,535.
        for (int first = 0; first < vectors.Length; first += ushort.MaxValue)
        {
            Vector<ushort> counts = Vector<ushort>.Zero;
            foreach (Vector<ushort> vector in vectors[first..Math.Min(vectors.Length, first + ushort.MaxValue)])
                counts -= Vector.GreaterThanOrEqual(vector, bound);
            Vector.Widen(counts, out Vector<uint> lower, out Vector<uint> upper);
            count += (int)Vector.Sum(lower + upper);
        }
        foreach (ushort sum in sums[(vectors.Length * Vector<ushort>.Count)..])
            count += sum >= least ? 1 : 0;
        return count;
    }

    /// <summary>The rows that reach a sum of lookups, ascending.</summary>
    private static int[] Reaching(IReadOnlyList<IndexBlock> blocks, SketchedQuery query, ushort least)
    {
        int groups = 0;
        foreach (IndexBlock block in blocks)
            groups += RowSketches.GroupsOf(block.Rows);
        ulong[] reaching = ArrayPool<ulong>.Shared.Rent(groups);
        int count = 0, at = 0;
        foreach (IndexBlock block in blocks)
        {
            Span<ulong> own = reaching.AsSpan(at, RowSketches.GroupsOf(block.Rows));
            RowSketches.Reaching(block.Sketches.Span, query.Lookups, least, own);
            // What is behind the last row is no row.
            own[^1] &= ulong.MaxValue >> ((own.Length * RowSketches.GroupRows) - block.Rows);
            foreach (ulong bits in own)
                count += BitOperations.PopCount(bits);
            at += own.Length;
        }
        int[] found = Rows(blocks, reaching, count);
        ArrayPool<ulong>.Shared.Return(reaching);
        return found;
    }

    /// <summary>The rows of set bits, ascending.</summary>
    private static int[] Rows(IReadOnlyList<IndexBlock> blocks, ReadOnlySpan<ulong> reaching, int count)
    {
        // Most groups have none, one or two: two are written, and over again where they are fewer, rather than guessed at by the processor.
        const int spare = 2;
        int[] buffer = ArrayPool<int>.Shared.Rent(count + spare);
        int at = 0, next = 0;
        foreach (IndexBlock block in blocks)
        {
            for (int row = block.First; row < block.First + block.Rows; row += RowSketches.GroupRows)
            {
                ulong bits = reaching[at++], others = bits & (bits - 1);
                buffer[next] = row + BitOperations.TrailingZeroCount(bits);
                buffer[next + 1] = row + BitOperations.TrailingZeroCount(others);
                int end = next + BitOperations.PopCount(bits);
                for (next += spare; next < end; next++)
                {
                    others &= others - 1;
                    buffer[next] = row + BitOperations.TrailingZeroCount(others);
                }
                next = end;
            }
        }
        int[] rows = buffer[..count];
        ArrayPool<int>.Shared.Return(buffer);
        return rows;
    }
}
