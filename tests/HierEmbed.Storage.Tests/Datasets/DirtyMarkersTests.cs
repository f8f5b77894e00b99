using HierEmbed.Core.Errors;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Folders;

namespace HierEmbed.Storage.Tests.Datasets;

public sealed class DirtyMarkersTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FolderStore results;
    private readonly DirtyMarkers markers;

    public DirtyMarkersTests()
    {
        results = new FolderStore(folder.Path);
        markers = new DirtyMarkers(results);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Clear_MarkerMoved_RefusesAndKeepsIt()
    {
        await markers.MarkAsync("a", Cancel);
        string seen = (await markers.FindAsync("a", Cancel))!.ETag;
        await markers.MarkAsync("a", Cancel);

        Assert.False(await markers.ClearAsync("a", seen, Cancel));
        ArtifactInfo? moved = await markers.FindAsync("a", Cancel);
        Assert.NotNull(moved);
        Assert.True(await markers.ClearAsync("a", moved.ETag, Cancel));
        Assert.Null(await markers.FindAsync("a", Cancel));
    }

    [Fact]
    public async Task List_Markers_LeavesOutWhatIsNoDataset()
    {
        await markers.MarkAsync("b", Cancel);
        await markers.MarkAsync("a", Cancel);
        await results.WriteBytesAsync("dirty/Not A Dataset", new byte[1], WriteCondition.Always, Cancel);
        Assert.Equal(["a", "b"], await markers.ListAsync(Cancel));
    }

    [Fact]
    public async Task Mark_NameClimbsOut_IsRefused() => await Assert.ThrowsAsync<DatasetException>(() => markers.MarkAsync("../x", Cancel));
}
