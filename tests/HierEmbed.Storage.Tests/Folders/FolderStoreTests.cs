using HierEmbed.Core.Errors;
using HierEmbed.Storage.Folders;

namespace HierEmbed.Storage.Tests.Folders;

public sealed class FolderStoreTests : ArtifactStoreContract, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public FolderStoreTests() => Store = new FolderStore(folder.Path);

    protected override IArtifactStore Store { get; }

    public void Dispose() => folder.Dispose();

    private string PathOf(string name) => Path.Combine(folder.Path, name);

    [Fact]
    public async Task Open_RootIsMissing_IsMade()
    {
        var store = new FolderStore(PathOf("not/there/yet"));
        await store.WriteBytesAsync("a", new byte[1], WriteCondition.Always, Cancel);
        Assert.True(File.Exists(PathOf("not/there/yet/a")));
    }

    [Fact]
    public void Open_StaleTemporaryFiles_AreRemovedAndYoungOnesStay()
    {
        Directory.CreateDirectory(PathOf(".tmp"));
        File.WriteAllText(PathOf(".tmp/old"), "");
        File.WriteAllText(PathOf(".tmp/young"), "");
        File.SetLastWriteTimeUtc(PathOf(".tmp/old"), DateTime.UtcNow.AddDays(-2));
        _ = new FolderStore(folder.Path);
        Assert.False(File.Exists(PathOf(".tmp/old")));
        Assert.True(File.Exists(PathOf(".tmp/young")));
    }

    [Fact]
    public async Task List_HiddenFilesLinksAndFolders_TakesFilesAndLinksToThem()
    {
        File.WriteAllText(PathOf(".hidden"), "");
        Directory.CreateDirectory(PathOf(".git"));
        File.WriteAllText(PathOf(".git/config"), "");
        File.WriteAllText(PathOf("file"), "0123456789");
        File.CreateSymbolicLink(PathOf("link"), PathOf("file"));
        File.CreateSymbolicLink(PathOf("broken"), PathOf("nowhere"));
        Directory.CreateSymbolicLink(PathOf("circle"), folder.Path);
        Directory.CreateDirectory(PathOf("empty"));

        Assert.Equal(["file", "link"], await NamesAsync(""));
        Assert.Equal(10, (await Store.FindAsync("link", Cancel))!.Bytes);
    }

    [Fact]
    public async Task List_PrefixClimbsOut_IsRefused() => await Assert.ThrowsAsync<RequestException>(() => NamesAsync("../x"));

    [Fact]
    public async Task Delete_LastFileOfAFolder_RemovesTheFolders()
    {
        await Store.WriteBytesAsync("a/b/c", new byte[1], WriteCondition.Always, Cancel);
        await Store.DeleteAsync("a/b/c", null, Cancel);
        Assert.False(Directory.Exists(PathOf("a")));
        Assert.True(Directory.Exists(folder.Path));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a/b/c")]
    [InlineData("a/b/c/d")]
    public async Task Write_NameIsFileAndFolder_IsRefused(string name)
    {
        await Store.WriteBytesAsync("a/b", new byte[1], WriteCondition.Always, Cancel);
        await Assert.ThrowsAsync<RequestException>(() => Store.WriteBytesAsync(name, new byte[1], WriteCondition.Always, Cancel));
        Assert.Equal(["a/b"], await NamesAsync(""));
    }

    [Fact]
    public async Task Read_LargeFileChangedInPlace_SaysThatItChanged()
    {
        await File.WriteAllBytesAsync(PathOf("a"), new byte[1 << 20], Cancel);
        await using Stream stream = await Store.OpenReadAsync("a", null, Cancel);
        await stream.ReadExactlyAsync(new byte[100_000], Cancel);
        await using (FileStream file = File.Open(PathOf("a"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
            await file.WriteAsync(new byte[1], Cancel);
        await Assert.ThrowsAsync<ArtifactChangedException>(() => stream.ReadExactlyAsync(new byte[500_000], Cancel).AsTask());
    }

    [Fact]
    public async Task Read_LargeFileReplacedOrDeleted_ReadsOnAsItWas()
    {
        await Store.WriteBytesAsync("a", Filled(1 << 20, 1), WriteCondition.Always, Cancel);
        await using Stream stream = await Store.OpenReadAsync("a", null, Cancel);
        await stream.ReadExactlyAsync(new byte[10], Cancel);
        await Store.WriteBytesAsync("a", Filled(1 << 20, 2), WriteCondition.Always, Cancel);
        await Store.DeleteAsync("a", null, Cancel);
        byte[] rest = new byte[(1 << 20) - 10];
        await stream.ReadExactlyAsync(rest, Cancel);
        Assert.False(rest.AsSpan().ContainsAnyExcept((byte)1));
    }

    [Fact]
    public async Task Write_WhenItIsOver_LeavesNoTemporaryFile()
    {
        await Store.WriteBytesAsync("a", new byte[1], WriteCondition.Always, Cancel);
        await Store.WriteBytesAsync("a", new byte[1], WriteCondition.IfAbsent, Cancel);
        Assert.Empty(Directory.EnumerateFiles(PathOf(".tmp")));
    }
}
