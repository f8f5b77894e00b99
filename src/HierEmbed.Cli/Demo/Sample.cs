using System.Text.Json;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Cli.Demo;

/// <summary>The sample that ships with the program: 4000 WordNet glosses, embedded to 512 dims.</summary>
/// <param name="Words">Name of each row.</param>
/// <param name="Vectors">Rows of unit length, <c>[rows, dims]</c>.</param>
/// <param name="Dims">Length of a row.</param>
internal sealed record Sample(string[] Words, float[] Vectors, int Dims)
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Samples", "wordnet-4k");

    public static string VectorsFile { get; } = Path.Combine(Folder, "vectors.npy");

    /// <summary>Id, text and label of each row.</summary>
    public static string RowsFile { get; } = Path.Combine(Folder, "rows.jsonl");

    public int Rows => Words.Length;

    public static Sample Load()
    {
        string[] words = [.. File.ReadLines(RowsFile).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!)];
        using IEmbeddingReader reader = EmbeddingReaders.Open("vectors.npy", File.OpenRead(VectorsFile), ReaderOptions.Default);
        int dims = reader.Info.Dims;
        var vectors = new float[words.Length * dims];
        var batch = new EmbeddingBatch(1024, dims);
        for (int row = 0; reader.Read(batch);)
        {
            for (int i = 0; i < batch.Count; i++, row++)
                RowNormalization.L2Normalize(batch.Row(i), vectors.AsSpan(row * dims, dims));
        }
        return new Sample(words, vectors, dims);
    }

    /// <summary>The row of a word, which may be one of several names of it.</summary>
    public int RowOf(string word) => Array.FindIndex(Words, names => names.Split(", ").Contains(word));

    public ReadOnlySpan<float> Row(int row) => Vectors.AsSpan(row * Dims, Dims);
}
