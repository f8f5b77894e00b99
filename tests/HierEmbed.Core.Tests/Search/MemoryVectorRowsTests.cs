using System.Runtime.CompilerServices;
using HierEmbed.Core.Search;

namespace HierEmbed.Core.Tests.Search;

public sealed class MemoryVectorRowsTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(5, 7)]
    [InlineData(3, 1024)]
    public unsafe void Allocate_AnySize_IsRoomForAllRowsFromAPageOn(int rows, int dims)
    {
        Memory<float> room = MemoryVectorRows.Allocate(rows, dims);
        Assert.Equal(rows * dims, room.Length);
        Assert.Equal(0, (nint)Unsafe.AsPointer(ref room.Span.GetPinnableReference()) % 4096);
        Assert.Equal(rows, new MemoryVectorRows(room, dims).Rows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(256)]
    public async Task CosinesAsync_RowsInMemory_AreThoseOfRowsThatAreReadFirst(int dims)
    {
        const int count = 20;
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, count * dims).Select(i => i / dims == 4 ? 0 : random.NextSingle() - 0.5f)], unit = new float[dims];
        unit[0] = 1;
        int[] rows = [0, 3, 4, 5, 19];
        float[] here = new float[rows.Length], read = new float[rows.Length];
        await new MemoryVectorRows(values, dims).CosinesAsync(unit, rows, here, TestContext.Current.CancellationToken);
        await ((IVectorRows)new MemoryVectors(values, dims)).CosinesAsync(unit, rows, read, TestContext.Current.CancellationToken);
        Assert.Equal(read, here);
        Assert.Equal(0, here[2]);
    }
}
