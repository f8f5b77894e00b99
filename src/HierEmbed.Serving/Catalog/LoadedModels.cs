using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Serving.Catalog;

/// <summary>The versions that are open: each is loaded once, counted while in use, and closed when it is idle and there are too many, or it was replaced.</summary>
/// <param name="load">Loads a version.</param>
/// <param name="loadDictionary">Reads the dictionary of a version that is loaded.</param>
/// <param name="rowsOf">Makes what holds the stored rows of a version that is loading.</param>
/// <param name="keepIdle">Idle versions that stay open.</param>
/// <param name="products">Products of one version that are at work at once.</param>
internal sealed class LoadedModels(
    Func<ModelKey, Task<EncoderModel>> load, Func<EncoderModel, Task<LinearDecoder>> loadDictionary, Func<ModelKey, Task<EncoderModel>, LoadedDecoder, LoadedRows> rowsOf, int keepIdle, int products) : IDisposable
{
    private sealed class Slot(Task<EncoderModel> loading, int products, LoadedDecoder dictionary, LoadedRows rows)
    {
        private readonly Lazy<EncodeQueue> queue = new(() => new EncodeQueue(loading.Result, products));

        public Task<EncoderModel> Loading { get; } = loading;

        /// <summary>Of the version that is loaded.</summary>
        public EncodeQueue Queue => queue.Value;

        public LoadedDecoder Dictionary { get; } = dictionary;

        public LoadedRows Rows { get; } = rows;

        public int Leases { get; set; }

        public long LastUsed { get; set; }

        public bool Retired { get; set; }
    }

    private readonly Lock gate = new();
    private readonly Dictionary<ModelKey, Slot> slots = [];
    private long uses;
    private bool disposed;

    /// <summary>Versions that are open or opening, those in use included.</summary>
    public IReadOnlyList<ModelKey> Open
    {
        get
        {
            lock (gate)
                return [.. slots.Keys];
        }
    }

    /// <summary>Leases a version; callers that come while it loads wait for the same load.</summary>
    /// <param name="key">The version.</param>
    /// <param name="cancellationToken">Stops the waiting; the load goes on for the others.</param>
    public async Task<ModelLease> AcquireAsync(ModelKey key, CancellationToken cancellationToken)
    {
        Slot slot = Enter(key);
        try
        {
            return new ModelLease(await slot.Loading.WaitAsync(cancellationToken), slot.Queue, slot.Dictionary, slot.Rows, () => Leave(key, slot));
        }
        catch
        {
            Leave(key, slot);
            throw;
        }
    }

    /// <summary>Closes a version as soon as nobody uses it.</summary>
    public void Retire(ModelKey key)
    {
        lock (gate)
        {
            if (slots.TryGetValue(key, out Slot? slot))
                slot.Retired = true;
        }
        CloseIdle();
    }

    /// <summary>Closes what is idle now, and the rest when it is given back.</summary>
    public void Dispose()
    {
        lock (gate)
            disposed = true;
        CloseIdle();
    }

    private Slot Enter(ModelKey key)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!slots.TryGetValue(key, out Slot? slot))
            {
                // Off this thread: nothing of a load may run inside the lock.
                Task<EncoderModel> loading = Task.Run(() => load(key));
                var dictionary = new LoadedDecoder(async () => await loadDictionary(await loading));
                slot = new Slot(loading, products, dictionary, rowsOf(key, loading, dictionary));
                slots.Add(key, slot);
            }
            slot.Leases++;
            slot.Retired = false;
            slot.LastUsed = ++uses;
            return slot;
        }
    }

    private void Leave(ModelKey key, Slot slot)
    {
        lock (gate)
        {
            slot.Leases--;
            // A load that failed is forgotten, so that the next request tries again. A storage that takes too long cancels it.
            if (slot.Loading is { IsCompleted: true, IsCompletedSuccessfully: false } && slots.GetValueOrDefault(key) == slot)
                slots.Remove(key);
        }
        CloseIdle();
    }

    private void CloseIdle()
    {
        List<Slot> closing = [];
        lock (gate)
        {
            var idle = slots.Where(s => s.Value.Leases == 0 && s.Value.Loading.IsCompletedSuccessfully).OrderByDescending(s => s.Value.LastUsed).ToList();
            int kept = 0;
            foreach ((ModelKey key, Slot slot) in idle)
            {
                if (!disposed && !slot.Retired && kept++ < keepIdle)
                    continue;
                slots.Remove(key);
                closing.Add(slot);
            }
        }
        foreach (Slot slot in closing)
        {
            slot.Rows.Dispose();
            slot.Loading.Result.Dispose();
        }
    }
}
