using System.Security.Cryptography;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;
using HierEmbed.Training;
using HierEmbed.Training.Export;

namespace HierEmbed.Benchmarks.Http;

/// <summary>A model of the default recipe with random weights, published as a run would: as fast as a trained one.</summary>
internal static class UntrainedModel
{
    public const string Dataset = "benchmark";
    public const int InputDims = 1024, LatentDims = 4096, K = 32;

    public const string Version = "0000000000000001";

    /// <summary>Stores encoder and manifest, and points at them.</summary>
    public static async Task PublishAsync(IArtifactStore results)
    {
        var random = new Random(20261129);
        ResolvedRecipe recipe = (RecipePresets.Get(RecipePresets.Default) with { LatentDims = LatentDims }).Resolve(InputDims, 100_000);
        float[] encoder = Gaussian(random, LatentDims * InputDims);
        var network = new TrainedNetwork(recipe, encoder, new float[LatentDims], encoder, new float[InputDims]);
        var scaler = new StandardScaler(recipe.Recipe.Scaling, new double[InputDims], [.. Enumerable.Repeat(1.0, InputDims)]);
        using var graph = new MemoryStream();
        OnnxEncoder.Write(graph, network, scaler, recipe, $"{Dataset}/{Version}");
        var manifest = new ModelManifest
        {
            Dataset = Dataset,
            Version = Version,
            RunId = $"{Dataset}-{Version}",
            CreatedAt = DateTimeOffset.UnixEpoch,
            ContentHash = new string('0', 64),
            Seed = 0,
            Recipe = recipe,
            Rows = new RowCounts(80_000, 10_000, 10_000, 0),
            Metrics = new ModelMetrics { Epochs = 0, BestEpoch = 0, TrainLoss = 1, ValidationLoss = 1, SamplesPerSecond = 0, EvaluatedRows = 0, DeadFraction = 0, ByK = [] },
            Files = new Dictionary<string, string> { [Layout.EncoderFile] = Convert.ToHexStringLower(SHA256.HashData(graph.ToArray())) },
            Versions = new Dictionary<string, string>(),
        };
        await results.WriteBytesAsync(Layout.Version(Dataset, Version) + Layout.EncoderFile, graph.ToArray(), WriteCondition.Always);
        await results.WriteJsonAsync(Layout.Manifest(Dataset, Version), manifest, WriteCondition.Always);
        await new ModelStore(results, TimeProvider.System).PointAsync(Dataset, Version, await new SequenceCounter(results).NextAsync(Dataset), manifest.RunId);
    }

    /// <summary>Rows of unit length, <c>[rows, inputDims]</c>.</summary>
    public static float[] Rows(int rows, int seed)
    {
        float[] values = Gaussian(new Random(seed), rows * InputDims);
        for (int row = 0; row < rows; row++)
            RowNormalization.L2Normalize(values.AsSpan(row * InputDims, InputDims), values.AsSpan(row * InputDims, InputDims));
        return values;
    }

    private static float[] Gaussian(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
