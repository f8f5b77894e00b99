using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Storage.Folders;
using HierEmbed.Storage.Models;

namespace HierEmbed.Storage.Tests.Models;

public sealed class ModelStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FolderStore results;
    private readonly ModelStore models;

    public ModelStoreTests()
    {
        results = new FolderStore(folder.Path);
        models = new ModelStore(results, TimeProvider.System);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task ListVersions_OneManifestIsDamaged_OthersAreListedAndItsOwnIsToldOf()
    {
        await PublishAsync("one");
        await PublishAsync("two");
        await results.WriteBytesAsync(Layout.Manifest("data", "one"), "{"u8.ToArray(), WriteCondition.Always, Cancel);

        Assert.Equal("two", Assert.Single(await models.ListVersionsAsync("data", Cancel)).Version);
        Assert.Equal("corrupt-artifact", (await Assert.ThrowsAsync<ModelException>(() => models.FindManifestAsync("data", "one", Cancel))).Type.Code);
    }

    [Fact]
    public async Task Point_ManySequencesAtOnce_HighestStays()
    {
        int[] order = [.. Enumerable.Range(1, 24)];
        new Random(5).Shuffle(order);
        LatestPointer[] seen = await Task.WhenAll(order.Select(n => Task.Run(() => models.PointAsync("data", $"v{n}", n, $"run-{n}", Cancel))));
        Assert.Equal("v24", (await models.FindLatestAsync("data", Cancel)).Value!.Version);
        Assert.All(seen.Zip(order), pair => Assert.True(pair.First.Sequence >= pair.Second));
    }

    [Fact]
    public async Task Point_OlderSequenceEndsLate_DoesNotReplaceTheNewer()
    {
        await models.PointAsync("data", "new", 2, "r2", Cancel);
        Assert.Equal("new", (await models.PointAsync("data", "old", 1, "r1", Cancel)).Version);
        Assert.Equal("new", (await models.FindLatestAsync("data", Cancel)).Value!.Version);
    }

    [Fact]
    public async Task RollBack_OlderVersion_IsServedUnderAHigherSequence()
    {
        // Sequences as runs take them.
        var runs = new Storage.Runs.SequenceCounter(results);
        foreach (string version in (string[])["one", "two"])
        {
            await PublishAsync(version);
            await models.PointAsync("data", version, await runs.NextAsync("data", Cancel), version, Cancel);
        }
        LatestPointer pointer = await models.RollBackAsync("data", "one", Cancel);
        Assert.Equal(("one", 3L), (pointer.Version, pointer.Sequence));
        var e = await Assert.ThrowsAsync<ModelException>(() => models.RollBackAsync("data", "three", Cancel));
        Assert.Equal("model-not-found", e.Type.Code);
        await Assert.ThrowsAsync<RequestException>(() => models.RollBackAsync("data", "../one", Cancel));
        Assert.Equal("one", (await models.FindLatestAsync("data", Cancel)).Value!.Version);
    }

    [Fact]
    public async Task DeleteVersion_ServedOne_IsRefused_AnotherIsGoneWhole()
    {
        await PublishAsync("one");
        await PublishAsync("two");
        await models.PointAsync("data", "two", 1, "r", Cancel);
        Assert.Equal("conflict", (await Assert.ThrowsAsync<ModelException>(() => models.DeleteVersionAsync("data", "two", Cancel))).Type.Code);
        await models.DeleteVersionAsync("data", "one", Cancel);
        Assert.Equal("two", Assert.Single(await models.ListVersionsAsync("data", Cancel)).Version);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "models/data/one")));
    }

    [Fact]
    public async Task Delete_Model_TakesItsVersionsAndLeavesOthersAndARunAtWork()
    {
        await PublishAsync("one");
        await models.PointAsync("data", "one", 1, "r", Cancel);
        await models.PointAsync("data-b", "one", 1, "r", Cancel);
        await results.WriteBytesAsync("models/data/unfinished/encoder.onnx", new byte[1], WriteCondition.Always, Cancel);
        Assert.Equal(["data", "data-b"], (await models.ListAsync(Cancel)).Order());

        await models.DeleteAsync("data", Cancel);

        Assert.Equal(["data-b"], await models.ListAsync(Cancel));
        Assert.Empty(await models.ListVersionsAsync("data", Cancel));
        Assert.NotNull(await results.FindAsync("models/data/unfinished/encoder.onnx", Cancel));
        Assert.Equal("model-not-found", (await Assert.ThrowsAsync<ModelException>(() => models.DeleteAsync("data", Cancel))).Type.Code);
    }

    [Fact]
    public async Task FindManifest_NewerFormatOrDamaged_SaysSo()
    {
        await PublishAsync("one", formatVersion: 2);
        Assert.Contains("format version 2", (await Assert.ThrowsAsync<ModelException>(() => models.FindManifestAsync("data", "one", Cancel))).Message, StringComparison.Ordinal);
        await results.WriteBytesAsync(Layout.Manifest("data", "one"), "{\"dataset\":"u8.ToArray(), WriteCondition.Always, Cancel);
        Assert.Equal("corrupt-artifact", (await Assert.ThrowsAsync<ModelException>(() => models.FindManifestAsync("data", "one", Cancel))).Type.Code);
        Assert.Null(await models.FindManifestAsync("data", "latest.json", Cancel));
    }

    private async Task PublishAsync(string version, int formatVersion = 1)
    {
        var manifest = new ModelManifest
        {
            FormatVersion = formatVersion,
            Dataset = "data",
            Version = version,
            RunId = "data-0",
            CreatedAt = DateTimeOffset.UnixEpoch,
            ContentHash = "00",
            Seed = 0,
            Recipe = RecipePresets.Get("seed").Resolve(16, 100),
            Rows = new RowCounts(80, 10, 10, 0),
            Metrics = new ModelMetrics { Epochs = 1, BestEpoch = 1, TrainLoss = 0, ValidationLoss = 0, SamplesPerSecond = 0, EvaluatedRows = 0, DeadFraction = 0, ByK = [] },
            Files = new Dictionary<string, string>(),
            Versions = new Dictionary<string, string>(),
        };
        await results.WriteBytesAsync($"{Layout.Version("data", version)}encoder.onnx", new byte[10], WriteCondition.Always, Cancel);
        await results.WriteJsonAsync(Layout.Manifest("data", version), manifest, WriteCondition.Always, Cancel);
    }
}
