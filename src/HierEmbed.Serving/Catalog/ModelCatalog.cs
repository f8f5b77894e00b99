using System.Collections.Concurrent;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Search;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Models;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Catalog;

/// <summary>Hands out the version that a dataset serves, or any other. A new version is picked up without failing a request in flight.</summary>
public sealed class ModelCatalog : IDisposable
{
    private readonly ConcurrentDictionary<string, ServedModel> served = new(StringComparer.Ordinal);
    private readonly ModelStore models;
    private readonly IArtifactStore results;
    private readonly HierEmbedOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<ModelCatalog> log;
    private readonly LoadedModels loaded;

    /// <summary>Makes a catalog; nothing is read before the first request.</summary>
    /// <param name="models">Pointers and manifests.</param>
    /// <param name="results">The results container.</param>
    /// <param name="options">Poll interval, loaded versions, threads.</param>
    /// <param name="clock">Measures the poll interval.</param>
    /// <param name="log">Told of versions that are loaded, replaced or cannot be loaded.</param>
    public ModelCatalog(ModelStore models, IArtifactStore results, HierEmbedOptions options, TimeProvider clock, ILogger<ModelCatalog> log)
    {
        this.models = models;
        this.results = results;
        this.options = options;
        this.clock = clock;
        this.log = log;
        loaded = new LoadedModels(LoadAsync, model => DictionaryLoader.LoadAsync(results, model.Manifest), RowsOf, options.LoadedVersions, EncoderModel.ThreadsOf(options.Threads));
    }

    /// <summary>Versions whose sessions are open.</summary>
    public IReadOnlyList<ModelKey> Open => loaded.Open;

    /// <summary>Leases a version.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="version">The version; null: the one that is served.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="DatasetException">The name is not allowed.</exception>
    /// <exception cref="ModelException">There is no such model or version, or it cannot be used.</exception>
    public async Task<ModelLease> AcquireAsync(string dataset, string? version = null, CancellationToken cancellationToken = default)
    {
        DatasetName.Require(dataset);
        if (version is not null)
            return await loaded.AcquireAsync(new ModelKey(dataset, ModelVersion.Require(dataset, version)), cancellationToken);
        while (true)
        {
            ServedModel entry = served.GetOrAdd(dataset, name => new ServedModel(name, models, results, loaded, clock, options.PollInterval, log));
            string? current;
            try
            {
                current = await entry.CurrentAsync(cancellationToken);
            }
            catch when (entry.Version is null)
            {
                // Nothing is served under this name: names that a client makes up are not kept.
                served.TryRemove(KeyValuePair.Create(dataset, entry));
                throw;
            }
            try
            {
                ModelLease lease = await loaded.AcquireAsync(new ModelKey(dataset, current), cancellationToken);
                // Replaced between the two calls: this request is the last to use it.
                if (entry.Version != current)
                    loaded.Retire(new ModelKey(dataset, current));
                return lease;
            }
            catch (ModelException) when (entry.Version != current)
            {
                // Replaced and deleted between the two calls: its successor answers.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Looks at a dataset's pointer again with the next request, whatever the poll interval.</summary>
    public void Forget(string dataset)
    {
        if (served.TryGetValue(dataset, out ServedModel? entry))
            entry.Expire();
    }

    /// <summary>Closes a version that was deleted as soon as nobody uses it, and deletes its index.</summary>
    public void Close(string dataset, string version)
    {
        loaded.Retire(new ModelKey(dataset, version));
        new StoredIndexes(options, log).Delete(dataset, version);
    }

    /// <summary>Closes what is idle; what is in use closes when it is given back.</summary>
    public void Dispose() => loaded.Dispose();

    private LoadedRows RowsOf(ModelKey key, Task<EncoderModel> loading, LoadedDecoder dictionary)
    {
        var indexes = new CodesIndexStore(results);
        var loader = new StoredRowsLoader(results, options, log);
        return new LoadedRows(key, ct => indexes.FindLatestAsync(key.Dataset, key.Version, ct),
            async (run, ct) => await loader.OpenAsync((await loading).Manifest, run, dictionary.GetAsync, ct), clock, options.PollInterval, log);
    }

    private async Task<EncoderModel> LoadAsync(ModelKey key)
    {
        // One thread a product: the queue has several of them at work.
        EncoderModel model = await EncoderModelLoader.LoadAsync(results, key.Dataset, key.Version, threads: 1);
        CatalogLog.Loaded(log, key.Dataset, key.Version);
        return model;
    }
}
