using System.Runtime.InteropServices;
using HierEmbed.Training.Data;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests;

public sealed class ShuffledRowsTests
{
    private const int Rows = 1000;
    private const int Dims = 4;

    // Of 1,000 rows: all in memory; two groups of 100 and more; fewer than a batch; one row more than a group.
    [Theory]
    [InlineData(null)]
    [InlineData(200)]
    [InlineData(40)]
    [InlineData(1998)]
    public void CopyTo_EachEpoch_SeesEveryRowOnceInAnOrderOfItsOwn(int? rowsInMemory)
    {
        var source = new CountingRows(Rows, Dims);
        using ShuffledRows shuffled = Make(source, rowsInMemory);
        float[][] epochs = [.. Enumerable.Range(0, 3).Select(epoch => Epoch(shuffled, epoch, batchRows: 64))];
        Assert.All(epochs, seen => Assert.Equal(Enumerable.Range(0, Rows).Select(row => (float)row), seen.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.Equal(epochs[1], Epoch(shuffled, 1, batchRows: 37));
    }

    [Fact]
    public void CopyTo_RowsPastMemory_ReadsEachRowOnceAnEpochAndGoesForwardInAGroup()
    {
        var source = new CountingRows(Rows, Dims);
        using (ShuffledRows shuffled = Make(source, rowsInMemory: 500))
        {
            for (int epoch = 0; epoch < 3; epoch++)
                Epoch(shuffled, epoch, batchRows: 64);
        }
        // Three epochs and the first group of the fourth, which was read ahead.
        Assert.Equal((3 * Rows) + 250, source.Read.Count);
        Assert.All(source.Read.Chunk(250), group => Assert.Equal(group.Order(), group));
    }

    [Fact]
    public void OrderOf_RowsPastMemory_MixesRowsOfManyPlaces()
    {
        var source = new CountingRows(Rows, Dims);
        using ShuffledRows shuffled = Make(source, rowsInMemory: 500);
        // A file whose first half differs from its second: no batch is of one half alone.
        Assert.All(shuffled.OrderOf(0).Chunk(64).Where(batch => batch.Length == 64), batch => Assert.InRange(batch.Count(row => row < Rows / 2), 8, 56));
    }

    private static ShuffledRows Make(CountingRows source, int? rowsInMemory)
    {
        SmallTraining small = SmallTraining.Of("sparse", r => r with { L2Normalize = false, Scaling = Core.Scaling.ScalingMode.None }, SyntheticRows.Uniform(100, Dims, 1));
        ScaledRows rows = ScaledRows.From(source, small.Scaler, small.Recipe, inMemory: rowsInMemory is null);
        source.Read.Clear();
        return new ShuffledRows(rows, seed: 3, rowsInMemory is { } held ? (long)held * Dims * sizeof(float) : long.MaxValue);
    }

    /// <summary>The first value of each row, in the order of the steps.</summary>
    private static float[] Epoch(ShuffledRows shuffled, int epoch, int batchRows)
    {
        var seen = new List<float>();
        for (int first = 0; first < Rows; first += batchRows)
        {
            using Tensor batch = empty(Math.Min(batchRows, Rows - first), Dims);
            shuffled.CopyTo(epoch, first, batch);
            seen.AddRange(MemoryMarshal.Cast<byte, float>(batch.bytes).ToArray().Chunk(Dims).Select(row => row[0]));
        }
        return [.. seen];
    }
}
