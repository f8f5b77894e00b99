using HierEmbed.Serving.Search;
using HierEmbed.Serving.Tests.Support;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Tests;

/// <summary>Which requests many small reads are made of.</summary>
public sealed class RangedReadsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_PartsNearAndFar_OneRangeForThoseNearOneAnother()
    {
        var store = new MemoryStore();
        byte[] content = new byte[3 << 20];
        new Random(1).NextBytes(content);
        await store.WriteBytesAsync("a", content, WriteCondition.Always, Cancellation);
        await store.WriteBytesAsync("b", content, WriteCondition.Always, Cancellation);
        const int gap = RangedReads.MaxGapBytes;
        RangedPart[] parts = [new("a", 0, 10), new("a", 10 + gap, 10), new("a", 21 + (2 * gap), 10), new("b", 0, 10), new("b", 10, 0), new("b", 10, RangedReads.MaxRangeBytes), new("b", RangedReads.MaxRangeBytes + 10, 5), new("b", 40, 8), new("b", 44, 8), new("b", 30, 4)];
        var read = new byte[parts.Length][];
        await new RangedReads(store).ReadAsync(parts, (part, bytes) => read[part] = bytes.ToArray(), Cancellation);
        for (int i = 0; i < parts.Length; i++)
            Assert.Equal(content[(int)parts[i].Start..(int)parts[i].End], read[i]);
        Assert.Equal([("a", 0L, 20 + gap), ("a", 21L + (2 * gap), 10), ("b", 0L, 10), ("b", 10L, RangedReads.MaxRangeBytes), ("b", 30L, 4), ("b", 40L, 12), ("b", 10L + RangedReads.MaxRangeBytes, 5)], store.Ranges.Order());
    }
}
