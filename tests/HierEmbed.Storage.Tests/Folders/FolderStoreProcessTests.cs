using System.Globalization;
using System.Text;
using HierEmbed.Storage.Folders;

namespace HierEmbed.Storage.Tests.Folders;

public sealed class FolderStoreProcessTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Write_IfAbsentByFourProcesses_OneWins()
    {
        var store = new FolderStore(folder.Path);
        StoreWorkerProcess[] workers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i =>
            StoreWorkerProcess.StartAsync("put", folder.Path, "race/a", $"writer {i}")));
        Array.ForEach(workers, w => w.Go());
        string[] said = [.. (await Task.WhenAll(workers.Select(w => w.LinesAsync()))).Select(lines => lines.Single())];
        Array.ForEach(workers, w => w.Dispose());

        Assert.Single(said, s => s == "won");
        Assert.Equal($"writer {Array.IndexOf(said, "won")}", Encoding.UTF8.GetString(await store.ReadBytesAsync("race/a", Cancel)));
    }

    [Fact]
    public async Task Sequence_TakenByFourProcesses200TimesEach_LosesNothing()
    {
        StoreWorkerProcess[] workers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            StoreWorkerProcess.StartAsync("count", folder.Path, "data", "200")));
        Array.ForEach(workers, w => w.Go());
        IEnumerable<long> taken = (await Task.WhenAll(workers.Select(w => w.LinesAsync()))).SelectMany(lines => lines)
            .Select(line => long.Parse(line, CultureInfo.InvariantCulture));
        Array.ForEach(workers, w => w.Dispose());

        Assert.Equal(Enumerable.Range(1, 800).Select(i => (long)i), taken.Order());
    }

    [Fact]
    public async Task Write_ProcessIsKilledWhileItRewrites_LeavesOneWholeStateAndNoLock()
    {
        const int bytes = 4 << 20;
        var store = new FolderStore(folder.Path);
        for (int round = 0; round < 6; round++)
        {
            await store.WriteBytesAsync("a", new byte[bytes], WriteCondition.Always, Cancel);
            using StoreWorkerProcess worker = await StoreWorkerProcess.StartAsync("rewrite", folder.Path, "a", bytes.ToString(CultureInfo.InvariantCulture));
            worker.Go();
            // Rounds end at different places of a rewrite.
            await Task.Delay(TimeSpan.FromMilliseconds(60 + 23 * round), Cancel);
            await worker.KillAsync();

            byte[] content = await store.ReadBytesAsync("a", Cancel);
            Assert.Equal(bytes, content.Length);
            Assert.False(content.AsSpan().ContainsAnyExcept(content[0]));
            ArtifactInfo there = (await store.FindAsync("a", Cancel))!;
            Assert.NotNull(await store.WriteBytesAsync("a", new byte[1], WriteCondition.IfUnchanged(there.ETag), Cancel));
        }
    }
}
