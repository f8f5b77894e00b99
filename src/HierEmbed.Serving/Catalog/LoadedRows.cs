using System.Diagnostics.CodeAnalysis;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Serving.Search;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Catalog;

/// <summary>The stored rows of a loaded version: opened with the first search, opened anew when another run stores rows, let go with the version.</summary>
/// <param name="key">The version.</param>
/// <param name="look">Looks which run's rows are the newest.</param>
/// <param name="open">Opens the rows of a run.</param>
/// <param name="clock">Measures the poll interval.</param>
/// <param name="pollInterval">How often it looks.</param>
/// <param name="log">Told of rows that cannot be opened while older ones are searched on.</param>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer whose wait handle is never asked for holds nothing, and an opening may still look at it.")]
internal sealed class LoadedRows(
    ModelKey key, Func<CancellationToken, Task<CodesPointer?>> look, Func<CodesPointer?, CancellationToken, Task<StoredRows>> open, TimeProvider clock, TimeSpan pollInterval, ILogger log) : IDisposable
{
    private sealed class Held(StoredRows rows)
    {
        public StoredRows Rows { get; } = rows;

        public int Leases { get; set; }

        public bool Retired { get; set; }
    }

    private readonly Lock gate = new();
    private readonly CancellationTokenSource closing = new();
    private Task<Held>? opening;
    private Held? current;
    private Task refreshing = Task.CompletedTask;
    private bool disposed;
    private long lookedAt;

    /// <summary>Leases the rows. Callers that come while they are opened wait for the same opening; while newer ones are opened, the ones at hand are searched on.</summary>
    /// <param name="cancellationToken">Stops the waiting; the opening goes on for the others.</param>
    /// <exception cref="ModelException">There are none, or they cannot be used.</exception>
    public async Task<RowsLease> AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<Held> wait;
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(disposed, this);
                if (current is not null)
                    return Lease(current);
                if (opening is null || (opening.IsCompleted && !IsRemembered(opening)))
                    // Off this thread: nothing of an opening may run inside the lock.
                    opening = Task.Run(OpenFirstAsync, CancellationToken.None);
                wait = opening;
            }
            await wait.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Looks for another run at once, whatever the poll interval, and opens its rows where there is one. Callers share it.</summary>
    /// <param name="used">The rows that turned out to be gone.</param>
    /// <param name="cancellationToken">Stops the waiting; the opening goes on for the others.</param>
    public async Task RenewAsync(StoredRows used, CancellationToken cancellationToken)
    {
        // A look that was under way may have been before the other run's rows were there.
        for (bool looked = false; !looked;)
        {
            Task wait;
            lock (gate)
            {
                if (current?.Rows != used)
                    return;
                looked = refreshing.IsCompleted;
                if (looked)
                    refreshing = Task.Run(RefreshAsync, CancellationToken.None);
                wait = refreshing;
            }
            await wait.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Lets the rows go: at once where nobody uses them, else with the last lease.</summary>
    public void Dispose()
    {
        Held? idle;
        lock (gate)
        {
            disposed = true;
            idle = Retire();
        }
        closing.Cancel();
        idle?.Rows.Dispose();
    }

    private bool IsDue => clock.GetElapsedTime(lookedAt) >= pollInterval;

    /// <summary>Rows that are damaged or too many are not fetched again with every request.</summary>
    private bool IsRemembered(Task<Held> failed) => failed.IsFaulted && !IsDue
        && failed.Exception!.InnerException is ModelException { Type: var type } && (type == ProblemTypes.IndexTooLarge || type == ProblemTypes.CorruptArtifact);

    private RowsLease Lease(Held held)
    {
        if (refreshing.IsCompleted && IsDue)
            refreshing = Task.Run(RefreshAsync, CancellationToken.None);
        held.Leases++;
        return new RowsLease(held.Rows, () => Release(held));
    }

    private void Release(Held held)
    {
        lock (gate)
        {
            held.Leases--;
            if (!held.Retired || held.Leases > 0)
                return;
        }
        held.Rows.Dispose();
    }

    private async Task<Held> OpenFirstAsync()
    {
        try
        {
            return Become(await open(await look(closing.Token), closing.Token));
        }
        finally
        {
            Looked();
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            // A version whose rows went away is searched on until it goes too.
            if (await look(closing.Token) is { } run && run != current?.Rows.Run)
                Become(await open(run, closing.Token));
        }
        catch (Exception e)
        {
            if (!closing.IsCancellationRequested)
                CatalogLog.RowsFailed(log, e, key.Dataset, key.Version);
        }
        finally
        {
            Looked();
        }
    }

    private void Looked()
    {
        lock (gate)
            lookedAt = clock.GetTimestamp();
    }

    private Held Become(StoredRows rows)
    {
        var next = new Held(rows);
        Held? idle;
        lock (gate)
        {
            // The version went while its rows were opened: nobody will ask for them.
            idle = disposed ? next : Retire();
            if (!disposed)
                current = next;
        }
        idle?.Rows.Dispose();
        return next;
    }

    /// <summary>Takes the rows at hand out of use.</summary>
    /// <returns>Them, where nobody uses them; whoever gives them back last closes them otherwise.</returns>
    private Held? Retire()
    {
        Held? before = current;
        current = null;
        if (before is null)
            return null;
        before.Retired = true;
        return before.Leases == 0 ? before : null;
    }
}
