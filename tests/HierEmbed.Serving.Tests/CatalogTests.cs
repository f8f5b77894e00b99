using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Serving.Tests;

public sealed class CatalogTests : IDisposable
{
    private readonly MemoryStore store = new();
    private readonly ManualClock clock = new();
    private readonly ModelCatalog catalog;

    public CatalogTests() => catalog = Create(keep: 2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => catalog.Dispose();

    private ModelCatalog Create(int keep) => new(new ModelStore(store, clock), store,
        new HierEmbedOptions { LoadedVersions = keep, Threads = 1 }, clock, NullLogger<ModelCatalog>.Instance);

    private async Task<string> ServedAsync()
    {
        using ModelLease lease = await catalog.AcquireAsync(TestModels.Dataset, null, Cancellation);
        return lease.Model.Manifest.Version;
    }

    private void PassPollInterval() => clock.Advance(TimeSpan.FromSeconds(10));

    [Fact]
    public async Task Acquire_WithinPollInterval_LooksAtThePointerOnce()
    {
        await TestModels.PublishAsync(store);
        for (int i = 0; i < 10; i++)
            await ServedAsync();
        int reads = store.Reads[Layout.Latest(TestModels.Dataset)];
        int looks = store.Looks[Layout.Latest(TestModels.Dataset)];
        PassPollInterval();
        await ServedAsync();
        Assert.Equal(reads, store.Reads[Layout.Latest(TestModels.Dataset)]); // the ETag is the same: not read again
        Assert.Equal(looks + 1, store.Looks[Layout.Latest(TestModels.Dataset)]);
    }

    [Fact]
    public async Task Acquire_NewVersion_ServedAfterThePollAndOldClosedAfterItsLastLease()
    {
        await TestModels.PublishAsync(store);
        ModelLease old = await catalog.AcquireAsync(TestModels.Dataset, null, Cancellation);
        await TestModels.PublishAsync(store, "b");
        Assert.Equal(TestModels.A, await ServedAsync());
        PassPollInterval();
        Assert.Equal(TestModels.B, await ServedAsync());
        Assert.Contains(new ModelKey(TestModels.Dataset, TestModels.A), catalog.Open);
        Assert.Single(old.Model.EncodeToCodes(Golden.Rows[0], 1, 4));
        old.Dispose();
        old.Dispose();
        Assert.Equal([new ModelKey(TestModels.Dataset, TestModels.B)], catalog.Open);
        Assert.Throws<ObjectDisposedException>(() => old.Model.EncodeToCodes(Golden.Rows[0], 1, 4));
    }

    [Fact]
    public async Task Acquire_NewVersionThatDoesNotLoad_ServesTheOldAndRecovers()
    {
        await TestModels.PublishAsync(store);
        await ServedAsync();
        await TestModels.PublishAsync(store, "b", change: m => m with { Files = new Dictionary<string, string>() });
        PassPollInterval();
        Assert.Equal(TestModels.A, await ServedAsync());
        await TestModels.PublishAsync(store, "b");
        PassPollInterval();
        Assert.Equal(TestModels.B, await ServedAsync());
    }

    [Fact]
    public async Task Acquire_FirstVersionDoesNotLoad_SaysWhyUntilItIsRepaired()
    {
        await TestModels.PublishAsync(store, change: m => m with { Files = new Dictionary<string, string>() });
        ModelException e = await Assert.ThrowsAsync<ModelException>(ServedAsync);
        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
        await TestModels.PublishAsync(store);
        Assert.Equal(TestModels.A, await ServedAsync());
    }

    [Fact]
    public async Task Acquire_StorageFails_ServesOn()
    {
        await TestModels.PublishAsync(store);
        await ServedAsync();
        store.Failure = new IOException("The network is down.");
        PassPollInterval();
        Assert.Equal(TestModels.A, await ServedAsync());
    }

    [Fact]
    public async Task Acquire_ModelDeleted_NotFoundAndClosed()
    {
        await TestModels.PublishAsync(store);
        await ServedAsync();
        await new ModelStore(store, clock).DeleteAsync(TestModels.Dataset, Cancellation);
        PassPollInterval();
        ModelException e = await Assert.ThrowsAsync<ModelException>(ServedAsync);
        Assert.Equal(ProblemTypes.ModelNotFound, e.Type);
        Assert.Empty(catalog.Open);
    }

    [Fact]
    public async Task Acquire_ManyVersions_KeepsTheLastUsed()
    {
        string[] versions = ["0000000000000001", "0000000000000002", "0000000000000003"];
        for (int i = 0; i < versions.Length; i++)
            await TestModels.PublishAsync(store, "a", versions[i]);
        foreach (string version in versions.Append(versions[1]))
            (await catalog.AcquireAsync(TestModels.Dataset, version, Cancellation)).Dispose();
        Assert.Equal([versions[1], versions[2]], catalog.Open.Select(k => k.Version).Order());
        ModelLease[] held = [.. await Task.WhenAll(versions.Select(v => catalog.AcquireAsync(TestModels.Dataset, v, Cancellation)))];
        Assert.Equal(3, catalog.Open.Count);
        foreach (ModelLease lease in held)
            lease.Dispose();
        Assert.Equal(2, catalog.Open.Count);
    }

    [Fact]
    public async Task Acquire_ManyAtOnce_LoadsOnce()
    {
        await TestModels.PublishAsync(store);
        var release = new TaskCompletionSource();
        store.BeforeRead = name => name.EndsWith(".onnx", StringComparison.Ordinal) ? release.Task : Task.CompletedTask;
        Task<ModelLease>[] waiting = [.. Enumerable.Range(0, 20).Select(i => catalog.AcquireAsync(TestModels.Dataset, i % 2 == 0 ? null : TestModels.A, Cancellation))];
        using var giveUp = new CancellationTokenSource();
        Task<ModelLease> impatient = catalog.AcquireAsync(TestModels.Dataset, TestModels.A, giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        release.SetResult();
        foreach (ModelLease lease in await Task.WhenAll(waiting))
            lease.Dispose();
        Assert.Equal(1, store.Reads[Layout.Version(TestModels.Dataset, TestModels.A) + Layout.EncoderFile]);
    }

    [Fact]
    public async Task Acquire_FirstCallerGivesUp_TheNextIsServed()
    {
        await TestModels.PublishAsync(store);
        var release = new TaskCompletionSource();
        store.BeforeRead = name => name.EndsWith(".onnx", StringComparison.Ordinal) ? release.Task : Task.CompletedTask;
        using var giveUp = new CancellationTokenSource();
        Task<ModelLease> first = catalog.AcquireAsync(TestModels.Dataset, null, giveUp.Token);
        Task<string> second = ServedAsync();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        release.SetResult();
        Assert.Equal(TestModels.A, await second);
    }

    [Fact]
    public async Task Forget_Pointer_IsLookedAtAtOnce()
    {
        await TestModels.PublishAsync(store);
        await ServedAsync();
        await TestModels.PublishAsync(store, "b");
        catalog.Forget(TestModels.Dataset);
        Assert.Equal(TestModels.B, await ServedAsync());
    }
}
