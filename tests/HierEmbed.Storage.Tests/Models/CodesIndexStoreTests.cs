using HierEmbed.Core.Models;
using HierEmbed.Storage.Folders;
using HierEmbed.Storage.Models;

namespace HierEmbed.Storage.Tests.Models;

public sealed class CodesIndexStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly CodesIndexStore indexes;

    public CodesIndexStoreTests() => indexes = new CodesIndexStore(new FolderStore(folder.Path));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_NothingStored_IsNull()
    {
        Assert.Null(await indexes.FindLatestAsync("data", "one", Cancel));
        Assert.Null(await indexes.FindAsync("data", "one", "data-1", Cancel));
    }

    [Fact]
    public async Task Write_ManySequencesAtOnce_HighestIsTheNewestAndAllAreThere()
    {
        int[] order = [.. Enumerable.Range(1, 24)];
        new Random(5).Shuffle(order);
        await Task.WhenAll(order.Select(sequence => Task.Run(() => indexes.WriteAsync("data", "one", new CodesPointer($"data-{sequence}", sequence), [Entry(sequence)], Cancel), Cancel)));

        Assert.Equal(new CodesPointer("data-24", 24), await indexes.FindLatestAsync("data", "one", Cancel));
        foreach (int sequence in order)
            Assert.Equal(Entry(sequence), Assert.Single((await indexes.FindAsync("data", "one", $"data-{sequence}", Cancel))!));
        Assert.Null(await indexes.FindLatestAsync("data", "two", Cancel));
    }

    [Fact]
    public async Task Write_SameRunAgain_ReplacesItsIndexAndLeavesThePointer()
    {
        var run = new CodesPointer("data-1", 1);
        await indexes.WriteAsync("data", "one", run, [Entry(1)], Cancel);
        await indexes.WriteAsync("data", "one", run, [Entry(2)], Cancel);
        Assert.Equal(run, await indexes.FindLatestAsync("data", "one", Cancel));
        Assert.Equal(Entry(2), Assert.Single((await indexes.FindAsync("data", "one", "data-1", Cancel))!));
    }

    public void Dispose() => folder.Dispose();

    private static CodesIndexEntry Entry(int rows) => new("data/a.npy", 0, rows, "0123456789abcdef-32.codes", "0123456789abcdef.npy");
}
