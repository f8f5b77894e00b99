using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using HierEmbed.Azurite;
using HierEmbed.Core.Errors;
using HierEmbed.Storage.Blobs;

namespace HierEmbed.Storage.Tests.Blobs;

public sealed class BlobStoreTests : ArtifactStoreContract
{
    private readonly BlobContainerClient container;
    private readonly AzuriteServer azurite;

    public BlobStoreTests(AzuriteServer azurite)
    {
        this.azurite = azurite;
        container = TestContainers.Client(azurite, TestContainers.NewName());
        Store = new BlobStore(container);
    }

    protected override IArtifactStore Store { get; }

    [Fact]
    public async Task AnyCall_ContainerIsMissing_FindsNothingAndTheFirstWriteMakesIt()
    {
        Assert.Null(await Store.FindAsync("a", Cancel));
        Assert.Empty(await NamesAsync(""));
        Assert.True(await Store.DeleteAsync("a", null, Cancel));
        await Assert.ThrowsAsync<ArtifactNotFoundException>(() => Store.OpenReadAsync("a", null, Cancel));
        Assert.Null(await Store.WriteBytesAsync("a", new byte[1], WriteCondition.IfUnchanged("0x1"), Cancel));
        Assert.NotNull(await Store.WriteBytesAsync("a", new byte[1], WriteCondition.IfAbsent, Cancel));
        Assert.Equal(["a"], await NamesAsync(""));
    }

    [Fact]
    public async Task Write_LargeToAMissingContainer_MakesIt()
    {
        await Store.WriteBytesAsync("a", Filled(9 << 20, 1), WriteCondition.IfAbsent, Cancel);
        Assert.Equal(9 << 20, (await Store.FindAsync("a", Cancel))!.Bytes);
        Assert.Equal(PublicAccessType.None, (await container.GetPropertiesAsync(cancellationToken: Cancel)).Value.PublicAccess ?? PublicAccessType.None);
    }

    [Theory]
    [InlineData((4 << 20) - 1)]
    [InlineData(4 << 20)]
    [InlineData((4 << 20) + 1)]
    [InlineData(8 << 20)]
    public async Task Write_SizesAroundABlock_AreReadBack(int bytes)
    {
        byte[] content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        string? etag = await Store.WriteBytesAsync("a", content, WriteCondition.Always, Cancel);
        ArtifactInfo found = (await Store.FindAsync("a", Cancel))!;
        Assert.Equal((etag, (long)bytes), (found.ETag, found.Bytes));
        byte[] read = await Store.ReadBytesAsync("a", Cancel);
        Assert.True(content.AsSpan().SequenceEqual(read));
    }

    [Fact]
    public async Task Write_LargeIsUnderWay_IsNotThereBeforeItIsWhole()
    {
        await Store.WriteBytesAsync("old", "old"u8.ToArray(), WriteCondition.Always, Cancel);
        foreach (string name in (string[])["old", "new"])
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => Store.WriteAsync(name, async (stream, ct) =>
            {
                await stream.WriteAsync(Filled(10 << 20, 1), ct);
                Assert.Equal(["old"], await NamesAsync(""));
                Assert.Null(await Store.FindAsync("new", Cancel));
                Assert.Equal("old", await TextAsync("old"));
                throw new InvalidOperationException("no more");
            }, WriteCondition.Always, Cancel));
        }
        Assert.Equal(["old"], await NamesAsync(""));
        Assert.Equal("old", await TextAsync("old"));
    }

    [Fact]
    public async Task Write_SynchronouslyAndLarge_IsWritten()
    {
        await Store.WriteAsync("a", (stream, _) =>
        {
            for (int i = 0; i < 10; i++)
                stream.Write(Filled(1 << 20, (byte)i));
            stream.Flush();
            return Task.CompletedTask;
        }, WriteCondition.Always, Cancel);
        await using Stream read = await Store.OpenReadAsync("a", null, Cancel);
        read.Seek(-1, SeekOrigin.End);
        Assert.Equal(9, read.ReadByte());
        Assert.Equal(-1, read.ReadByte());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Write_AnotherWritesTheSameLargeArtifactMeanwhile_GivesWayWithoutMixing(bool conditional)
    {
        Task<string?> WriteAsync() => Store.WriteAsync("a", async (stream, ct) =>
        {
            await stream.WriteAsync(Filled(9 << 20, 1), ct);
            await Store.WriteBytesAsync("a", Filled(9 << 20, 2), WriteCondition.Always, Cancel);
        }, conditional ? WriteCondition.IfAbsent : WriteCondition.Always, Cancel);

        if (conditional)
            Assert.Null(await WriteAsync());
        else
            await Assert.ThrowsAsync<IOException>(WriteAsync);

        byte[] there = await Store.ReadBytesAsync("a", Cancel);
        Assert.Equal(9 << 20, there.Length);
        Assert.False(there.AsSpan().ContainsAnyExcept((byte)2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_ReplacedOrDeletedMeanwhile_SaysThatItChanged(bool deleted)
    {
        await Store.WriteBytesAsync("a", Filled(1 << 20, 1), WriteCondition.Always, Cancel);
        await using Stream stream = await Store.OpenReadAsync("a", null, Cancel);
        await stream.ReadExactlyAsync(new byte[10], Cancel);
        if (deleted)
            await Store.DeleteAsync("a", null, Cancel);
        else
            await Store.WriteBytesAsync("a", Filled(1 << 20, 2), WriteCondition.Always, Cancel);
        byte[] rest = new byte[(1 << 20) - 10];
        await Assert.ThrowsAsync<ArtifactChangedException>(() => stream.ReadExactlyAsync(rest, Cancel).AsTask());
        Assert.DoesNotContain((byte)2, rest);
    }

    [Fact]
    public async Task List_MoreThanAPage_GivesAllInOrder()
    {
        var options = new BlobClientOptions();
        options.AddPolicy(new SmallPages(), HttpPipelinePosition.PerCall);
        var paged = new BlobStore(new BlobServiceClient(azurite.ConnectionString, options).GetBlobContainerClient(container.Name));
        string[] names = [.. Enumerable.Range(0, 10).Select(i => $"a/{i}")];
        foreach (string name in names.Reverse())
            await Store.WriteBytesAsync(name, new byte[1], WriteCondition.Always, Cancel);
        Assert.Equal(names, await paged.ListAsync("a/", Cancel).Select(info => info.Name).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Exists_ContainerIsMadeByTheFirstWrite()
    {
        Assert.False(await Store.ExistsAsync(Cancel));
        await Store.WriteBytesAsync("a", new byte[1], WriteCondition.Always, Cancel);
        Assert.True(await Store.ExistsAsync(Cancel));
        await Store.DeleteAsync("a", null, Cancel);
        Assert.True(await Store.ExistsAsync(Cancel));
    }

    [Fact]
    public async Task ListAndFind_WhatIsNoArtifact_IsPassedOver()
    {
        await Store.WriteBytesAsync("a/b", new byte[1], WriteCondition.Always, Cancel);
        foreach (string name in (string[])[".hidden", "a/.hidden", "a//b"])
            await container.GetBlobClient(name).UploadAsync(BinaryData.FromString("x"), Cancel);
        var folder = new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["hdi_isfolder"] = "true" } };
        await container.GetBlobClient("a").UploadAsync(BinaryData.FromString(""), folder, Cancel);
        Assert.Equal(["a/b"], await NamesAsync(""));
        Assert.Null(await Store.FindAsync("a", Cancel));
    }

    [Fact]
    public async Task List_PrefixClimbsOut_IsRefused() => await Assert.ThrowsAsync<RequestException>(() => NamesAsync("../x"));

    /// <summary>Asks for three blobs a page, where the service gives five thousand.</summary>
    private sealed class SmallPages : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message)
        {
            if (message.Request.Uri.Query.Contains("comp=list", StringComparison.Ordinal))
                message.Request.Uri.AppendQuery("maxresults", "3");
        }
    }
}
