using HierEmbed.Core.Codes.Pursuit;

namespace HierEmbed.Serving.Catalog;

/// <summary>The dictionary of a loaded version: read with the first request that needs it, and let go with the version.</summary>
/// <param name="load">Reads it.</param>
public sealed class LoadedDecoder(Func<Task<LinearDecoder>> load)
{
    /// <summary>Prefixes that are kept, the last ones asked for: each has a Gram matrix of its own.</summary>
    public const int MaxPrefixes = 2;

    private readonly Lock gate = new();
    private readonly List<(int Length, Lazy<LinearDecoder> Decoder)> prefixes = [];
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

    /// <summary>The first atoms alone; the same dictionary for all who ask for them while it is kept.</summary>
    /// <param name="prefix">How many, from 1 to all; null: all.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    public async Task<LinearDecoder> GetAsync(int? prefix, CancellationToken cancellationToken)
    {
        LinearDecoder whole = await GetAsync(cancellationToken);
        if (prefix is not { } length || length == whole.LatentDims)
            return whole;
        Lazy<LinearDecoder> decoder;
        lock (gate)
        {
            int at = prefixes.FindIndex(kept => kept.Length == length);
            decoder = at < 0 ? new Lazy<LinearDecoder>(() => whole.Prefix(length)) : prefixes[at].Decoder;
            if (at >= 0)
                prefixes.RemoveAt(at);
            else if (prefixes.Count == MaxPrefixes)
                prefixes.RemoveAt(0);
            prefixes.Add((length, decoder));
        }
        return decoder.Value;
    }
}
