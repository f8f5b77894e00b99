using System.Runtime.InteropServices;
using HierEmbed.Training.Randomness;
using static TorchSharp.torch;

namespace HierEmbed.Training.Data;

/// <summary>Training rows in the order in which the steps of an epoch see them.</summary>
/// <remarks>
/// Rows in memory: a shuffle of them all. Rows that are not: blocks of consecutive rows are shuffled and dealt into groups, of which memory holds two, and
/// the rows of a group are shuffled. So each epoch reads each block once, from its beginning to its end, and the next group while the steps use this one.
/// </remarks>
internal sealed class ShuffledRows : IDisposable
{
    private const int MostBlockRows = 1024;

    /// <summary>A group mixes rows of so many places at least.</summary>
    private const int LeastBlocksAGroup = 16;

    private readonly ScaledRows rows;
    private readonly long seed;
    private readonly int groupRows;
    private readonly int blockRows;
    private int[] order = [];
    private int orderEpoch = -1;
    private Group current = new(-1, -1, []);
    private Task<Group> next = Task.FromResult(new Group(-1, -1, []));

    /// <summary>Orders rows.</summary>
    /// <param name="rows">Scaled training rows.</param>
    /// <param name="seed">The run's seed: epoch and seed decide the order.</param>
    /// <param name="memoryBytes">Bytes of both groups in memory.</param>
    public ShuffledRows(ScaledRows rows, long seed, long memoryBytes)
    {
        this.rows = rows;
        this.seed = seed;
        groupRows = (int)Math.Clamp(memoryBytes / 2 / (rows.Dims * sizeof(float)), Math.Min(LeastBlocksAGroup, rows.Rows), Math.Min(rows.Rows, Array.MaxLength / rows.Dims));
        blockRows = Math.Clamp(groupRows / LeastBlocksAGroup, 1, MostBlockRows);
    }

    /// <summary>One group's rows, scaled, in the order of the steps.</summary>
    private sealed record Group(int Epoch, int Number, float[] Values);

    /// <summary>Copies the rows of one step.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="first">Where in the epoch's order.</param>
    /// <param name="batch">float32, <c>[rows, dims]</c>, contiguous.</param>
    public void CopyTo(int epoch, int first, Tensor batch)
    {
        int count = (int)batch.shape[0];
        if (rows.IsResident)
        {
            rows.Gather(OrderOf(epoch).AsSpan(first, count), batch);
            return;
        }
        Span<float> destination = MemoryMarshal.Cast<byte, float>(batch.bytes);
        while (count > 0)
        {
            int within = first % groupRows, here = Math.Min(count, groupRows - within);
            Take(epoch, first / groupRows).Values.AsSpan(within * rows.Dims, here * rows.Dims).CopyTo(destination);
            destination = destination[(here * rows.Dims)..];
            first += here;
            count -= here;
        }
    }

    /// <summary>Waits for what is still read.</summary>
    public void Dispose() => next.ContinueWith(_ => { }, TaskScheduler.Default).Wait();

    /// <summary>The order of an epoch, from 0: row numbers, <c>[rows]</c>.</summary>
    internal int[] OrderOf(int epoch)
    {
        if (orderEpoch != epoch)
            (order, orderEpoch) = (MakeOrder(new SeededRandom(seed, RandomPurpose.Shuffle, epoch)), epoch);
        return order;
    }

    private int[] MakeOrder(SeededRandom random)
    {
        if (rows.IsResident)
            return random.Permutation(rows.Rows);
        var made = new int[rows.Rows];
        int at = 0;
        foreach (int block in random.Permutation((rows.Rows + blockRows - 1) / blockRows))
        {
            for (int row = block * blockRows; row < Math.Min(rows.Rows, (block + 1L) * blockRows); row++)
                made[at++] = row;
        }
        for (int first = 0; first < made.Length; first += groupRows)
            random.Shuffle(made.AsSpan(first, Math.Min(groupRows, made.Length - first)));
        return made;
    }

    private Group Take(int epoch, int number)
    {
        if ((current.Epoch, current.Number) == (epoch, number))
            return current;
        Group ahead = next.GetAwaiter().GetResult();
        if ((ahead.Epoch, ahead.Number) != (epoch, number))
            ahead = Load(epoch, number, ahead.Values); // The first step of a chunk.
        Group idle = current;
        current = ahead;
        (int epochAfter, int numberAfter) = (long)(number + 1) * groupRows < rows.Rows ? (epoch, number + 1) : (epoch + 1, 0);
        next = Task.Run(() => Load(epochAfter, numberAfter, idle.Values));
        return current;
    }

    /// <summary>Reads a group in the order of the rows, and puts each where its step will look for it.</summary>
    private Group Load(int epoch, int number, float[] values)
    {
        int first = number * groupRows, count = Math.Min(groupRows, rows.Rows - first);
        if (values.Length == 0)
            values = new float[groupRows * rows.Dims];
        int[] sources = OrderOf(epoch).AsSpan(first, count).ToArray();
        int[] places = [.. Enumerable.Range(0, count)];
        Array.Sort(sources, places);
        var piece = new float[Math.Min(blockRows, count) * rows.Dims];
        for (int i = 0; i < count;)
        {
            int run = 1;
            while (i + run < count && run < blockRows && sources[i + run] == sources[i] + run)
                run++;
            rows.Read(sources[i], piece.AsSpan(0, run * rows.Dims));
            for (int r = 0; r < run; r++)
                piece.AsSpan(r * rows.Dims, rows.Dims).CopyTo(values.AsSpan(places[i + r] * rows.Dims));
            i += run;
        }
        return new Group(epoch, number, values);
    }
}
