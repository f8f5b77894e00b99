using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Storage.Tests;

/// <summary>What every store does. A class for each store gives it an empty container.</summary>
public abstract class ArtifactStoreContract
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract IArtifactStore Store { get; }

    [Fact]
    public async Task Write_ThenRead_GivesTheSameBytesSizeAndETag()
    {
        string? etag = await Store.WriteBytesAsync("a/b/c.bin", new byte[] { 1, 2, 3 }, WriteCondition.Always, Cancel);
        ArtifactInfo? info = await Store.FindAsync("a/b/c.bin", Cancel);

        Assert.Equal([1, 2, 3], await Store.ReadBytesAsync("a/b/c.bin", Cancel));
        Assert.Equal(new ArtifactInfo("a/b/c.bin", 3, etag!, info!.LastModified), info);
        Assert.InRange(info.LastModified, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task Write_EmptyContent_IsThereWithNoBytes()
    {
        await Store.WriteBytesAsync("empty", ReadOnlyMemory<byte>.Empty, WriteCondition.Always, Cancel);
        Assert.Equal(0, (await Store.FindAsync("empty", Cancel))!.Bytes);
        Assert.Empty(await Store.ReadBytesAsync("empty", Cancel));
    }

    [Fact]
    public async Task Read_NotThere_SaysSo()
    {
        await Store.WriteBytesAsync("a/b", new byte[1], WriteCondition.Always, Cancel);
        Assert.Null(await Store.FindAsync("a", Cancel));
        Assert.Null(await Store.FindAsync("a/b/c", Cancel));
        Assert.Null(await Store.FindAsync("x/y", Cancel));
        var e = await Assert.ThrowsAsync<ArtifactNotFoundException>(() => Store.OpenReadAsync("a/b/c", null, Cancel));
        Assert.Equal("artifact-not-found", e.Type.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    [InlineData(".tmp/x")]
    [InlineData("a/.hidden")]
    public async Task AnyCall_NameClimbsOutOrIsHidden_IsRefused(string name)
    {
        var e = await Assert.ThrowsAsync<RequestException>(() => Store.FindAsync(name, Cancel));
        Assert.Equal("invalid-request", e.Type.Code);
        await Assert.ThrowsAsync<RequestException>(() => Store.OpenReadAsync(name, null, Cancel));
        await Assert.ThrowsAsync<RequestException>(() => Store.WriteBytesAsync(name, new byte[1], WriteCondition.Always, Cancel));
        await Assert.ThrowsAsync<RequestException>(() => Store.DeleteAsync(name, null, Cancel));
        Assert.Empty(await NamesAsync(""));
    }

    [Fact]
    public async Task AnyCall_OverlongName_IsRefusedInUnder300Characters()
    {
        var e = await Assert.ThrowsAsync<RequestException>(() => Store.FindAsync(new string('x', 2000), Cancel));
        Assert.InRange(e.Message.Length, 1, 299);
    }

    [Fact]
    public async Task Open_ETagIsAnother_SaysThatItChanged()
    {
        string? old = await Store.WriteBytesAsync("a", "one"u8.ToArray(), WriteCondition.Always, Cancel);
        await Store.WriteBytesAsync("a", "two"u8.ToArray(), WriteCondition.Always, Cancel);
        await Assert.ThrowsAsync<ArtifactChangedException>(() => Store.OpenReadAsync("a", old, Cancel));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(200_000)]
    public async Task Write_SameSizeAgainAtOnce_ChangesTheETag(int bytes)
    {
        var etags = new HashSet<string>();
        for (byte i = 0; i < 20; i++)
        {
            byte[] content = new byte[bytes];
            Array.Fill(content, i);
            string etag = (await Store.WriteBytesAsync("a", content, WriteCondition.Always, Cancel))!;
            Assert.Equal(etag, (await Store.FindAsync("a", Cancel))!.ETag);
            Assert.True(etags.Add(etag));
        }
    }

    [Fact]
    public async Task Write_IfAbsentAndThere_ChangesNothing()
    {
        await Store.WriteBytesAsync("a", "one"u8.ToArray(), WriteCondition.IfAbsent, Cancel);
        Assert.Null(await Store.WriteBytesAsync("a", "two"u8.ToArray(), WriteCondition.IfAbsent, Cancel));
        Assert.Equal("one", await TextAsync("a"));
    }

    [Fact]
    public async Task Write_IfUnchangedAndChangedOrGone_ChangesNothing()
    {
        string? old = await Store.WriteBytesAsync("a", "one"u8.ToArray(), WriteCondition.Always, Cancel);
        string? now = await Store.WriteBytesAsync("a", "two"u8.ToArray(), WriteCondition.IfUnchanged(old), Cancel);
        Assert.NotNull(now);
        Assert.Null(await Store.WriteBytesAsync("a", "three"u8.ToArray(), WriteCondition.IfUnchanged(old), Cancel));
        Assert.Equal("two", await TextAsync("a"));
        Assert.True(await Store.DeleteAsync("a", now, Cancel));
        Assert.Null(await Store.WriteBytesAsync("a", "four"u8.ToArray(), WriteCondition.IfUnchanged(now), Cancel));
        Assert.Null(await Store.FindAsync("a", Cancel));
    }

    [Fact]
    public async Task Write_IfAbsentByManyAtOnce_OneWins()
    {
        string?[] results = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(
            () => Store.WriteBytesAsync("race/a", Encoding.UTF8.GetBytes($"writer {i}"), WriteCondition.IfAbsent, Cancel))));
        int winner = Array.FindIndex(results, r => r is not null);
        Assert.Single(results, r => r is not null);
        Assert.Equal($"writer {winner}", await TextAsync("race/a"));
    }

    [Fact]
    public async Task Sequence_TakenByManyAtOnce_GivesEachNumberOnce()
    {
        var counter = new SequenceCounter(Store);
        long[] taken = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => counter.NextAsync("data", Cancel))));
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), taken.Order());
    }

    [Fact]
    public async Task Write_WriterThrowsOrIsCancelled_LeavesWhatWasThere()
    {
        await Store.WriteBytesAsync("a", "old"u8.ToArray(), WriteCondition.Always, Cancel);
        foreach (string name in (string[])["a", "b"])
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => Store.WriteAsync(name, async (stream, ct) =>
            {
                await stream.WriteAsync(new byte[100_000], ct);
                throw new InvalidOperationException("no more");
            }, WriteCondition.Always, Cancel));
            using var source = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteAsync(name, async (stream, _) =>
            {
                await stream.WriteAsync(new byte[100_000], Cancel);
                await source.CancelAsync();
            }, WriteCondition.Always, source.Token));
        }
        Assert.Equal("old", await TextAsync("a"));
        Assert.Equal(["a"], await NamesAsync(""));
    }

    [Fact]
    public async Task Write_WriterClosesTheStream_IsWritten()
    {
        await Store.WriteAsync("a", async (stream, _) =>
        {
            await using var writer = new StreamWriter(stream);
            await writer.WriteAsync("closed");
        }, WriteCondition.Always, Cancel);
        Assert.Equal("closed", await TextAsync("a"));
    }

    [Fact]
    public async Task Read_WhileItIsRewritten_SeesOneStateFromFirstByteToLast()
    {
        const int bytes = 300_000;
        await Store.WriteBytesAsync("a", Filled(bytes, 0), WriteCondition.Always, Cancel);
        Task writing = Task.Run(async () =>
        {
            for (int i = 1; i <= 40; i++)
                await Store.WriteBytesAsync("a", Filled(bytes + i, (byte)i), WriteCondition.Always, Cancel);
        }, Cancel);
        while (!writing.IsCompleted)
        {
            try
            {
                byte[] content = await Store.ReadBytesAsync("a", Cancel);
                Assert.Equal(bytes + content[0], content.Length);
                Assert.False(content.AsSpan().ContainsAnyExcept(content[0]));
            }
            catch (ArtifactChangedException)
            {
                // The other allowed answer.
            }
        }
        await writing;
    }

    [Fact]
    public async Task Read_LargeArtifact_SeeksAndReadsBackEqual()
    {
        byte[] content = new byte[8 << 20];
        new Random(1).NextBytes(content);
        await Store.WriteAsync("big", async (stream, ct) =>
        {
            for (int at = 0; at < content.Length; at += 100_000)
                await stream.WriteAsync(content.AsMemory(at, Math.Min(100_000, content.Length - at)), ct);
        }, WriteCondition.Always, Cancel);
        byte[] whole = await Store.ReadBytesAsync("big", Cancel);
        Assert.True(content.AsSpan().SequenceEqual(whole));

        await using Stream read = await Store.OpenReadAsync("big", null, Cancel);
        Assert.Equal(content.Length, read.Length);
        byte[] part = new byte[1000];
        foreach (int at in (int[])[7_000_000, 12, 65_530, content.Length - 1000])
        {
            read.Position = at;
            await read.ReadExactlyAsync(part, Cancel);
            Assert.True(content.AsSpan(at, 1000).SequenceEqual(part));
        }
    }

    [Fact]
    public async Task ReadRange_PartsOfAnArtifact_ThoseAndNoMore()
    {
        byte[] content = new byte[3 << 20];
        new Random(2).NextBytes(content);
        await Store.WriteBytesAsync("big", content, WriteCondition.Always, Cancel);
        await Store.WriteBytesAsync("empty", default, WriteCondition.Always, Cancel);
        // Where it begins, its length, and what there is of it.
        foreach ((int at, int length, int there) in ((int, int, int)[])[(0, 10, 10), (1_000_003, 300_000, 300_000), (0, content.Length, content.Length), (content.Length - 5, 10, 5), (content.Length, 10, 0), (content.Length + 7, 10, 0), (4, 0, 0)])
        {
            byte[] part = new byte[length];
            Assert.Equal(there, await Store.ReadRangeAsync("big", at, part, Cancel));
            Assert.True(content.AsSpan(Math.Min(at, content.Length), there).SequenceEqual(part.AsSpan(0, there)));
        }
        Assert.Equal(0, await Store.ReadRangeAsync("empty", 0, new byte[4], Cancel));
        await Assert.ThrowsAsync<ArtifactNotFoundException>(() => Store.ReadRangeAsync("a/b", 0, new byte[4], Cancel));
    }

    [Fact]
    public async Task List_NamesThatShareBeginnings_AreInOrdinalOrder()
    {
        string[] names = ["a-b", "a.b", "a/b", "a/b.c/d", "a/b-c", "a/bb", "a0", "B", "b/ä", "b/z", "aa/x", "a/c/d/e"];
        foreach (string name in names)
            await Store.WriteBytesAsync(name, new byte[1], WriteCondition.Always, Cancel);
        string[] expected = [.. names.Order(StringComparer.Ordinal)];

        Assert.Equal(expected, await NamesAsync(""));
        foreach (string prefix in (string[])["a", "a/", "a/b", "a/b.c/", "a.", "b/", "x", "x/y/", "a/c/d/e"])
            Assert.Equal(expected.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)), await NamesAsync(prefix));
    }

    [Fact]
    public async Task List_AnyArtifact_GivesWhatFindGives()
    {
        foreach (string name in (string[])["a", "a b/ü", "a%20b", "a+b&c=d", "a#b?c", "語/d.npy"])
        {
            await Store.WriteBytesAsync(name, new byte[name.Length], WriteCondition.IfAbsent, Cancel);
            ArtifactInfo listed = Assert.Single(await Store.ListAsync(name, Cancel).Where(info => info.Name == name).ToListAsync(Cancel));
            Assert.Equal(await Store.FindAsync(name, Cancel), listed);
            await using Stream read = await Store.OpenReadAsync(name, listed.ETag, Cancel);
            Assert.Equal(name.Length, read.Length);
        }
    }

    [Fact]
    public async Task List_WhileOthersWriteAndDelete_DoesNotFail()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task churn = Task.WhenAll(Enumerable.Range(0, 3).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < 60; i++)
            {
                await Store.WriteBytesAsync($"churn/{i % 3}/x{worker}", new byte[10], WriteCondition.Always, Cancel);
                await Store.DeleteAsync($"churn/{i % 3}/x{worker}", null, Cancel);
            }
        }, Cancel)));
        await Store.WriteBytesAsync("stays", new byte[1], WriteCondition.Always, Cancel);
        while (!churn.IsCompleted)
            Assert.Contains("stays", await NamesAsync(""));
        await churn;
        Assert.Equal(["stays"], await NamesAsync(""));
    }

    [Fact]
    public async Task Delete_ETagIsAnother_LeavesIt()
    {
        string? old = await Store.WriteBytesAsync("a/b", "one"u8.ToArray(), WriteCondition.Always, Cancel);
        string? now = await Store.WriteBytesAsync("a/b", "two"u8.ToArray(), WriteCondition.Always, Cancel);
        Assert.False(await Store.DeleteAsync("a/b", old, Cancel));
        Assert.Equal("two", await TextAsync("a/b"));
        Assert.True(await Store.DeleteAsync("a/b", now, Cancel));
        Assert.True(await Store.DeleteAsync("a/b", now, Cancel));
        Assert.True(await Store.DeleteAsync("never/was", null, Cancel));
        Assert.Null(await Store.FindAsync("a/b", Cancel));
    }

    protected async Task<List<string>> NamesAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (ArtifactInfo info in Store.ListAsync(prefix, Cancel))
            names.Add(info.Name);
        return names;
    }

    protected async Task<string> TextAsync(string name) => Encoding.UTF8.GetString(await Store.ReadBytesAsync(name, Cancel));

    protected static byte[] Filled(int bytes, byte value)
    {
        byte[] content = new byte[bytes];
        Array.Fill(content, value);
        return content;
    }
}
