using System.Security.Cryptography;
using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Storage;
using HierEmbed.Training;
using HierEmbed.Training.Export;

namespace HierEmbed.Benchmarks;

/// <summary>A model's folder with an encoder of random weights: how fast it encodes does not depend on them.</summary>
internal static class EncodingModel
{
    /// <summary>Writes it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="inputDims">Length of an embedding.</param>
    /// <param name="latentDims">Length of a code.</param>
    /// <param name="change">Changes recipe matryoshka.</param>
    /// <returns>Bytes of the graph.</returns>
    public static byte[] Write(string folder, int inputDims, int latentDims, Func<Recipe, Recipe> change)
    {
        ResolvedRecipe recipe = change(RecipePresets.Get("matryoshka") with { LatentDims = latentDims }).Resolve(inputDims, 100_000);
        var random = new Random(3);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        float[] weights = Numbers(latentDims * inputDims);
        var network = new TrainedNetwork(recipe, weights, Numbers(latentDims), weights, new float[inputDims]);
        var scaler = new StandardScaler(ScalingMode.None, new double[inputDims], [.. Enumerable.Repeat(1.0, inputDims)]);
        using var graph = new MemoryStream();
        OnnxEncoder.Write(graph, network, scaler, recipe, "benchmark/0000000000000000");
        byte[] bytes = graph.ToArray();
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, Layout.EncoderFile), bytes);
        var manifest = new ModelManifest
        {
            Dataset = "benchmark",
            Version = "0000000000000000",
            RunId = "benchmark-0000000000000000",
            CreatedAt = DateTimeOffset.UnixEpoch,
            ContentHash = "",
            Seed = 0,
            Recipe = recipe,
            Rows = new RowCounts(0, 0, 0, 0),
            Metrics = new ModelMetrics { Epochs = 0, BestEpoch = 0, TrainLoss = 0, ValidationLoss = 0, SamplesPerSecond = 0, EvaluatedRows = 0, DeadFraction = 0, ByK = [] },
            Files = new Dictionary<string, string> { [Layout.EncoderFile] = Convert.ToHexStringLower(SHA256.HashData(bytes)) },
            Versions = new Dictionary<string, string>(),
        };
        File.WriteAllBytes(Path.Combine(folder, Layout.ManifestFile), JsonSerializer.SerializeToUtf8Bytes(manifest, Json.Compact));
        return bytes;
    }
}
