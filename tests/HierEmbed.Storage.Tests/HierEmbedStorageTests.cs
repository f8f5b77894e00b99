using HierEmbed.Azurite;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Storage.Blobs;
using HierEmbed.Storage.Folders;

namespace HierEmbed.Storage.Tests;

public sealed class HierEmbedStorageTests(AzuriteServer azurite)
{
    private const string Key = "c2VjcmV0";
    private static readonly HierEmbedOptions Options = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_Folder_HasBothContainersInIt()
    {
        using var folder = new TemporaryFolder();
        HierEmbedStorage storage = HierEmbedStorage.Open(folder.Path, Options);
        await storage.Results.WriteBytesAsync("a", new byte[1], WriteCondition.Always, Cancel);
        Assert.True(File.Exists(Path.Combine(folder.Path, "hierembed", "a")));
        Assert.IsType<FolderStore>(storage.Uploads);
    }

    [Theory]
    [InlineData("storage")]
    [InlineData("./AccountName=x")]
    [InlineData("a;b=c")]
    [InlineData("httpdata/storage")]
    public void IsFolder_Paths_AreFolders(string location) => Assert.True(HierEmbedStorage.IsFolder(location));

    [Theory]
    [InlineData("UseDevelopmentStorage=true")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=x;AccountKey=" + Key + ";EndpointSuffix=core.windows.net")]
    [InlineData("BlobEndpoint=https://x.blob.core.windows.net/;SharedAccessSignature=sv=2024")]
    [InlineData("https://x.blob.core.windows.net")]
    [InlineData("https://x.blob.core.windows.net/")]
    public void Open_ConnectionStringsAndAddresses_AreBlobs(string location)
    {
        HierEmbedStorage storage = HierEmbedStorage.Open(location, Options);
        Assert.IsType<BlobStore>(storage.Uploads);
        Assert.IsType<BlobStore>(storage.Results);
    }

    [Fact]
    public async Task Open_ConnectionStringOfARunningService_ReadsWhatItWrites()
    {
        var options = new HierEmbedOptions { UploadsContainer = "opened-uploads", ResultsContainer = "opened-results" };
        await HierEmbedStorage.Open(azurite.ConnectionString, options).Results.WriteBytesAsync("a", "x"u8.ToArray(), WriteCondition.Always, Cancel);
        HierEmbedStorage again = HierEmbedStorage.Open(azurite.ConnectionString, options);
        Assert.Equal("x"u8.ToArray(), await again.Results.ReadBytesAsync("a", Cancel));
        Assert.Null(await again.Uploads.FindAsync("a", Cancel));
    }

    [Theory]
    [InlineData("AccountName=x;AccountKey=" + Key + ";EndpointSuffix")]
    [InlineData("AccountName=x")]
    [InlineData("UseDevelopmentStorage=maybe")]
    [InlineData("DefaultEndpointsProtocol=https")]
    [InlineData("http://x.blob.core.windows.net")]
    [InlineData("https://x.blob.core.windows.net/container")]
    [InlineData("https://x.blob.core.windows.net/?sig=" + Key)]
    [InlineData("https://")]
    public void Open_WhatCannotBeRead_IsRefusedWithoutQuotingKeys(string location)
    {
        var e = Assert.Throws<RequestException>(() => HierEmbedStorage.Open(location, Options));
        Assert.Equal("invalid-request", e.Type.Code);
        Assert.DoesNotContain(Key, e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 1, 299);
    }
}
