using HierEmbed.Functions.Tests.Support;
using HierEmbed.Functions.Uploads;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Tests;

public sealed class UploadTests : IAsyncDisposable
{
    private readonly App app = new();
    private readonly FakeDurableClient client = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        app.Dispose();
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData("docs.npy")]
    [InlineData("docs/a.npy")]
    [InlineData("docs/deep/a.npy")]
    [InlineData("docs/training.json")]
    public async Task OnUpload_File_MarksItsDatasetAndStartsTheWatcher(string name)
    {
        await app.UploadAsync(name, [1]);
        await app.Get<UploadWatch>().OnUploadAsync(name, client, Cancellation);
        Assert.Equal(["docs"], await MarkedAsync());
        Assert.Equal("watch-docs", Assert.Single(client.Scheduled).InstanceId);
    }

    [Fact]
    public async Task OnUpload_BadDatasetName_IsRefusedByNameAndStartsNothing()
    {
        await app.UploadAsync("My Docs/a.npy", [1]);
        await app.Get<UploadWatch>().OnUploadAsync("My Docs/a.npy", client, Cancellation);
        Assert.Empty(await MarkedAsync());
        Assert.Empty(client.Scheduled);
        Assert.Contains("My Docs", Assert.Single(await app.ResultsAsync("failures/")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docs/a.npy")]
    [InlineData("My Docs/a.npy")]
    public async Task OnUpload_DeletedMeanwhile_StartsNothing(string name)
    {
        await app.Get<UploadWatch>().OnUploadAsync(name, client, Cancellation);
        Assert.Empty(client.Scheduled);
        await foreach (ArtifactInfo info in app.Storage.Results.ListAsync("", Cancellation))
            Assert.Fail($"{info.Name} was written");
    }

    [Theory]
    [InlineData(".a.npy.part")]
    [InlineData("docs/.a.npy.part")]
    public async Task OnUpload_HiddenFile_StartsNothing(string name)
    {
        await app.Get<UploadWatch>().OnUploadAsync(name, client, Cancellation);
        Assert.Empty(await MarkedAsync());
        Assert.Empty(client.Scheduled);
    }

    [Fact]
    public async Task OnUpload_HundredShardsEachTwice_StartOneWatcher()
    {
        for (int shard = 0; shard < 100; shard++)
            await app.UploadAsync($"docs/{shard}.npy", [1]);
        for (int shard = 0; shard < 200; shard++)
            await app.Get<UploadWatch>().OnUploadAsync($"docs/{shard / 2}.npy", client, Cancellation);
        Assert.Equal(["docs"], await MarkedAsync());
        Assert.Single(client.Scheduled);
    }

    [Fact]
    public async Task OnUpload_WhileTheWatcherRuns_MovesTheMarker()
    {
        await app.UploadAsync("docs/a.npy", [1]);
        await app.Get<UploadWatch>().OnUploadAsync("docs/a.npy", client, Cancellation);
        string before = (await app.Get<DirtyMarkers>().FindAsync("docs", Cancellation))!.ETag;
        await app.Get<UploadWatch>().OnUploadAsync("docs/a.npy", client, Cancellation);
        Assert.NotEqual(before, (await app.Get<DirtyMarkers>().FindAsync("docs", Cancellation))!.ETag);
        Assert.Single(client.Scheduled);
    }

    [Fact]
    public async Task Sweep_MarkersLeftBehind_StartTheirWatchersUnlessTheyRun()
    {
        foreach (string dataset in new[] { "a", "b", "c" })
            await app.Get<DirtyMarkers>().MarkAsync(dataset, Cancellation);
        client.Put("watch-b", OrchestrationRuntimeStatus.Running);
        client.Put("watch-c", OrchestrationRuntimeStatus.Completed);
        await app.Get<MarkerSweep>().RunAsync(client, Cancellation);
        Assert.Equal(["watch-a", "watch-c"], client.Scheduled.Select(s => s.InstanceId));
    }

    private Task<IReadOnlyList<string>> MarkedAsync() => app.Get<DirtyMarkers>().ListAsync(Cancellation);
}
