using HierEmbed.Core.Codes.Pursuit;

namespace HierEmbed.Serving.Catalog;

/// <summary>The dictionary of a loaded version: read with the first request that needs it, and let go with the version.</summary>
/// <param name="load">Reads it.</param>
public sealed class LoadedDecoder(Func<Task<LinearDecoder>> load)
{
    private readonly Lock gate = new();
    private Task<LinearDecoder>? loading;

    /// <summary>The dictionary; callers that come while it is read wait for the same reading. One that failed is tried again by the next.</summary>
    /// <param name="cancellationToken">Stops the waiting; the reading goes on for the others.</param>
    public Task<LinearDecoder> GetAsync(CancellationToken cancellationToken)
    {
        Task<LinearDecoder> current;
        lock (gate)
        {
            if (loading is null || loading.IsFaulted || loading.IsCanceled)
                // Off this thread: nothing of a reading may run inside the lock.
                loading = Task.Run(load, CancellationToken.None);
            current = loading;
        }
        return current.WaitAsync(cancellationToken);
    }
}
