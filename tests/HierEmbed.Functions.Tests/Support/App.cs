using System.Text;
using HierEmbed.Functions.Hosting;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>The function app's services over a folder, as <c>Program</c> makes them.</summary>
internal sealed class App : IDisposable
{
    private readonly TemporaryFolder? own;
    private readonly ServiceProvider services;

    public App(params (string Name, string Value)[] settings)
        : this(new TemporaryFolder(), store => store, settings) => own = Folder;

    /// <summary>Another worker on a folder, whose results are observed.</summary>
    public App(TemporaryFolder folder, Func<IArtifactStore, IArtifactStore> observe, params (string Name, string Value)[] settings)
    {
        Folder = folder;
        var collection = new ServiceCollection();
        collection.AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Debug));
        collection.AddHierEmbed(Configuration([(Settings.Connection, folder.Path), ("HierEmbed:QuietPeriod", "00:00:00.050"), .. settings]));
        var storage = (HierEmbedStorage)collection.Last(s => s.ServiceType == typeof(HierEmbedStorage)).ImplementationInstance!;
        collection.AddSingleton<TimeProvider>(new HastyClock());
        Uploads = new ObservedStore(storage.Uploads);
        collection.AddSingleton(new HierEmbedStorage(Uploads, observe(storage.Results)));
        services = collection.BuildServiceProvider();
    }

    public TemporaryFolder Folder { get; }

    /// <summary>The uploads, each call of which can be counted.</summary>
    public ObservedStore Uploads { get; }

    /// <summary>What was logged.</summary>
    public RecordedLog Log { get; } = new();

    public HierEmbedStorage Storage => Get<HierEmbedStorage>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static IConfiguration Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value)).Build();

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>Makes a class of functions, as the worker does for each invocation.</summary>
    public object Make(Type functions) => ActivatorUtilities.CreateInstance(services, functions);

    public T Make<T>() => (T)Make(typeof(T));

    public Task UploadAsync(string name, byte[] content) => Storage.Uploads.WriteBytesAsync(name, content, WriteCondition.Always, Cancellation);

    /// <summary>A dataset that trains in a fraction of a second.</summary>
    public async Task UploadDatasetAsync(string dataset, int rows = 120)
    {
        await UploadAsync($"{dataset}/training.json", Encoding.UTF8.GetBytes(SmallRows.Recipe));
        await UploadAsync($"{dataset}/a.npy", SmallRows.Npy(rows, seed: 1));
    }

    /// <summary>Texts of stored results that begin with a prefix.</summary>
    public async Task<IReadOnlyList<string>> ResultsAsync(string prefix)
    {
        var texts = new List<string>();
        await foreach (ArtifactInfo info in Storage.Results.ListAsync(prefix, Cancellation))
            texts.Add(Encoding.UTF8.GetString(await Storage.Results.ReadBytesAsync(info.Name, Cancellation)));
        return texts;
    }

    public void Dispose()
    {
        services.Dispose();
        own?.Dispose();
    }
}
