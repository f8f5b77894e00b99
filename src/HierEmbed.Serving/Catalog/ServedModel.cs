using System.Diagnostics.CodeAnalysis;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Catalog;

/// <summary>Which version of one dataset is served: follows the pointer, but only to versions that load.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing, and callers may still wait when the entry is dropped.")]
internal sealed class ServedModel(
    string dataset, ModelStore models, IArtifactStore results, LoadedModels loaded, TimeProvider clock, TimeSpan pollInterval, ILogger log)
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private long lookedAt;
    private volatile bool expired = true;
    private string? followed;
    private volatile string? version;

    /// <summary>The version that is served, or null before the first one is loaded and after the model is deleted.</summary>
    public string? Version => version;

    /// <summary>Looks at the pointer with the next call.</summary>
    public void Expire() => expired = true;

    /// <summary>The version that is served, after a look at the pointer where one is due. While one caller looks, the others go on with what is there.</summary>
    /// <exception cref="ModelException">There is no such model, or its first version cannot be used.</exception>
    public async Task<string> CurrentAsync(CancellationToken cancellationToken)
    {
        string? current = version;
        if (current is not null && !IsDue)
            return current;
        if (!await gate.WaitAsync(current is null || expired ? Timeout.Infinite : 0, cancellationToken))
            return current!;
        try
        {
            if (version is null || IsDue)
                await LookAsync(cancellationToken);
            return version ?? throw ModelVersion.NoModel(dataset);
        }
        finally
        {
            gate.Release();
        }
    }

    private bool IsDue => expired || clock.GetElapsedTime(Volatile.Read(ref lookedAt)) >= pollInterval;

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        expired = false;
        try
        {
            await FollowPointerAsync(cancellationToken);
        }
        catch (Exception e) when (version is not null && e is not OperationCanceledException)
        {
            // Storage that answers badly for a while takes nothing down: the version at hand goes on.
            CatalogLog.PollFailed(log, e, dataset, version);
        }
        catch
        {
            // The caller gave up, or there is nothing to go on with: the next one looks.
            expired = true;
            throw;
        }
        Volatile.Write(ref lookedAt, clock.GetTimestamp());
    }

    private async Task FollowPointerAsync(CancellationToken cancellationToken)
    {
        ArtifactInfo? info = await results.FindAsync(Layout.Latest(dataset), cancellationToken);
        if (version is not null && info is not null && info.ETag == followed)
            return;
        (LatestPointer? pointer, string? etag) = await models.FindLatestAsync(dataset, cancellationToken);
        if (pointer is null)
            Become(null);
        // A version that does not load leaves the pointer unfollowed: the next poll tries it again.
        else if (pointer.Version != version && !await TrySwitchAsync(pointer.Version, cancellationToken))
            return;
        followed = etag;
    }

    private async Task<bool> TrySwitchAsync(string next, CancellationToken cancellationToken)
    {
        try
        {
            // Loaded before it is served; the lease is given back, the session stays open while there is room.
            using ModelLease warm = await loaded.AcquireAsync(new ModelKey(dataset, next), cancellationToken);
            Become(next);
            return true;
        }
        catch (Exception e) when (version is not null && e is not OperationCanceledException)
        {
            CatalogLog.LoadFailed(log, e, dataset, next, version);
            return false;
        }
    }

    private void Become(string? next)
    {
        string? previous = version;
        version = next;
        if (previous is null)
            return;
        if (next is not null)
            CatalogLog.Replaced(log, dataset, next, previous);
        loaded.Retire(new ModelKey(dataset, previous));
    }
}
