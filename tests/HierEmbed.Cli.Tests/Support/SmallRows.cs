using HierEmbed.Core.Numpy;

namespace HierEmbed.Cli.Tests.Support;

/// <summary>Embeddings that train in a second: points around a few centres, the same for the same seed.</summary>
internal static class SmallRows
{
    public const int Dims = 16;

    /// <summary>What trains a small network for two epochs.</summary>
    public static readonly string[] Recipe = ["--set", "epochs=2", "latentDims=32", "trainKs=4,8", "prefixDivisors=2"];

    /// <summary>The same as <c>training.json</c>.</summary>
    public const string TrainingJson = """{"epochs": 2, "latentDims": 32, "trainKs": [4, 8], "prefixDivisors": [2]}""";

    public static float[] Make(int rows, int dims = Dims, int seed = 1)
    {
        var random = new Random(seed);
        var centres = new Random(99);
        float[][] centre = [.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, dims).Select(_ => (float)((2 * centres.NextDouble()) - 1)).ToArray())];
        var values = new float[rows * dims];
        for (int i = 0; i < values.Length; i++)
            values[i] = centre[i / dims % centre.Length][i % dims] + (0.3f * (float)((2 * random.NextDouble()) - 1));
        return values;
    }

    public static string WriteNpy(string path, int rows, int dims = Dims, int seed = 1) => WriteNpy(path, Make(rows, dims, seed), dims);

    public static string WriteNpy(string path, float[] values, int dims)
    {
        using FileStream file = File.Create(path);
        NpyWriter.Write<float>(file, values, values.Length / dims, dims);
        return path;
    }
}
