using System.Text.Json;

namespace HierEmbed.Serving.Tests.Support;

/// <summary>What make_golden.py wrote.</summary>
internal static class Golden
{
    public const int InputDims = 8;
    public const int LatentDims = 16;

    private static readonly Dictionary<string, float[][]> Expected =
        JsonSerializer.Deserialize<Dictionary<string, float[][]>>(File.ReadAllBytes(PathOf("expected.json")))!;

    private static readonly Dictionary<string, float[][]> Dictionary =
        JsonSerializer.Deserialize<Dictionary<string, float[][]>>(File.ReadAllBytes(PathOf("dictionary.json")))!;

    /// <summary>What make_dictionary.py computed.</summary>
    public static float[][] OfDictionary(string name) => Dictionary[name];

    public static float[][] Rows => Expected["rows"];

    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Golden", file);

    /// <summary>Pre-activations that NumPy computed, [5, 16].</summary>
    public static float[][] PreActivations(string graph) => Expected[graph];

    /// <summary>What a code of a row must be: ReLU, the k largest, ascending indices, unit norm.</summary>
    public static (int[] Indices, float[] Values, float Norm) Code(string graph, int row, int k, int prefix = LatentDims)
    {
        float[] a = PreActivations(graph)[row];
        int[] indices = [.. Enumerable.Range(0, prefix).Where(i => a[i] > 0).OrderByDescending(i => a[i]).Take(k).Order()];
        float norm = MathF.Sqrt(indices.Sum(i => a[i] * a[i]));
        return (indices, [.. indices.Select(i => a[i] / norm)], norm);
    }
}
