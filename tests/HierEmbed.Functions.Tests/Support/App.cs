using System.Text;
using HierEmbed.Core.Numpy;
using HierEmbed.Functions.Hosting;
using HierEmbed.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace HierEmbed.Functions.Tests.Support;

/// <summary>The function app's services over a folder, as <c>Program</c> makes them.</summary>
internal sealed class App : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly ServiceProvider services;

    public App(params (string Name, string Value)[] settings)
    {
        services = new ServiceCollection().AddLogging().AddHierEmbed(Configuration([(Settings.Connection, folder.Path), ("HierEmbed:QuietPeriod", "00:00:00.050"), .. settings]))
            .BuildServiceProvider();
    }

    public HierEmbedStorage Storage => Get<HierEmbedStorage>();

    public static IConfiguration Configuration(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value)).Build();

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>Makes a class of functions, as the worker does for each invocation.</summary>
    public object Make(Type functions) => ActivatorUtilities.CreateInstance(services, functions);

    public T Make<T>() => (T)Make(typeof(T));

    public Task UploadAsync(string name, byte[] content) =>
        Storage.Uploads.WriteBytesAsync(name, content, WriteCondition.Always, TestContext.Current.CancellationToken);

    /// <summary>A dataset that trains in a fraction of a second: few directions and noise, so that there is something to learn.</summary>
    public async Task UploadDatasetAsync(string dataset, int rows = 120)
    {
        const int dims = 16;
        var random = new Random(1);
        var values = new float[rows * dims];
        for (int i = 0; i < values.Length; i++)
            values[i] = ((random.NextSingle() - 0.5f) * 0.1f) + (random.Next(dims) < 3 ? 1 : 0);
        using var npy = new MemoryStream();
        NpyWriter.Write<float>(npy, values, rows, dims);
        await UploadAsync($"{dataset}/training.json", Encoding.UTF8.GetBytes("""{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":3,"batchRows":32}"""));
        await UploadAsync($"{dataset}/a.npy", npy.ToArray());
    }

    public void Dispose()
    {
        services.Dispose();
        folder.Dispose();
    }
}
