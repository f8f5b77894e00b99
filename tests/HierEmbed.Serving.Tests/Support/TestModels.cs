using System.Security.Cryptography;
using System.Text;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Serving.Tests.Support;

/// <summary>Publishes the golden graphs as versions of the model "words".</summary>
internal static class TestModels
{
    public const string Dataset = "words";
    public const string A = "00000000000000a1";
    public const string B = "00000000000000b2";
    public const string Raw = "00000000000000c3";

    private static readonly Dictionary<string, string> VersionOf = new() { ["a"] = A, ["b"] = B, ["raw"] = Raw };

    /// <summary>The graph's bytes with another model id of the same length in its metadata.</summary>
    public static byte[] Graph(string graph, string? version = null, string dataset = Dataset)
    {
        byte[] bytes = File.ReadAllBytes(Golden.PathOf($"encoder-{graph}.onnx"));
        byte[] id = Encoding.ASCII.GetBytes($"{Dataset}/{VersionOf[graph]}");
        Encoding.ASCII.GetBytes($"{dataset}/{version ?? VersionOf[graph]}").CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf(id)));
        return bytes;
    }

    public static ModelManifest Manifest(string graph, byte[] bytes, string? version = null, DateTimeOffset? createdAt = null)
    {
        Recipe recipe = RecipePresets.Get("matryoshka") with { TrainKs = [2, 4], PrefixDivisors = [2], Activation = CodeActivation.Relu, L2Normalize = graph != "raw", LatentDims = Golden.LatentDims };
        return new ModelManifest
        {
            Dataset = Dataset,
            Version = version ?? VersionOf[graph],
            RunId = $"{Dataset}-0123456789abcdef",
            CreatedAt = createdAt ?? new DateTimeOffset(2024, 6, 1, 12, 0, 0, TimeSpan.Zero),
            ContentHash = new string('0', 64),
            Seed = 0,
            Recipe = recipe.Resolve(Golden.InputDims, 1000),
            Rows = new RowCounts(800, 100, 100, 0),
            Metrics = new ModelMetrics { Epochs = 1, BestEpoch = 1, TrainLoss = 0.5, ValidationLoss = 0.5, SamplesPerSecond = 1, EvaluatedRows = 100, DeadFraction = 0, ByK = [new MetricsAtK(4, 0.5, 4)] },
            Files = new Dictionary<string, string> { [Layout.EncoderFile] = Convert.ToHexStringLower(SHA256.HashData(bytes)) },
            Versions = new Dictionary<string, string> { ["hierembed"] = "0.1.0" },
        };
    }

    /// <summary>Stores version a with its dictionary.</summary>
    /// <param name="store">The results container.</param>
    /// <param name="damage">Spoils the stored file, not the hash that the manifest lists.</param>
    /// <param name="change">Changes the manifest.</param>
    /// <param name="dictionary">Another dictionary than that of version a.</param>
    public static async Task PublishWithDictionaryAsync(IArtifactStore store, Action<byte[]>? damage = null, Func<ModelManifest, ModelManifest>? change = null, byte[]? dictionary = null)
    {
        dictionary ??= File.ReadAllBytes(Golden.PathOf("dictionary-a.npz"));
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(dictionary));
        damage?.Invoke(dictionary);
        await store.WriteBytesAsync(Layout.Version(Dataset, A) + Layout.DictionaryFile, dictionary, WriteCondition.Always);
        await PublishAsync(store, change: manifest =>
        {
            manifest = manifest with { Files = manifest.Files.Append(new(Layout.DictionaryFile, sha256)).ToDictionary() };
            return change?.Invoke(manifest) ?? manifest;
        });
    }

    /// <summary>Stores a version, graph first, and points at it. A dataset's name has five letters.</summary>
    public static async Task<string> PublishAsync(IArtifactStore store, string graph = "a", string? version = null, Func<ModelManifest, ModelManifest>? change = null, string dataset = Dataset)
    {
        byte[] bytes = Graph(graph, version, dataset);
        long sequence = await new SequenceCounter(store).NextAsync(dataset);
        ModelManifest manifest = Manifest(graph, bytes, version, new DateTimeOffset(2024, 6, 1, 12, 0, 0, TimeSpan.Zero).AddMinutes(sequence)) with { Dataset = dataset, RunId = $"{dataset}-0123456789abcdef" };
        manifest = change?.Invoke(manifest) ?? manifest;
        await store.WriteBytesAsync(Layout.Version(dataset, manifest.Version) + Layout.EncoderFile, bytes, WriteCondition.Always);
        await store.WriteJsonAsync(Layout.Manifest(dataset, manifest.Version), manifest, WriteCondition.Always);
        await new ModelStore(store, TimeProvider.System).PointAsync(dataset, manifest.Version, sequence, manifest.RunId);
        return manifest.Version;
    }
}
