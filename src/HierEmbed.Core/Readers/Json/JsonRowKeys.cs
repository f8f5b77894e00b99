using System.Text.Json;

namespace HierEmbed.Core.Readers.Json;

/// <summary>The keys under which a row's numbers are looked for.</summary>
internal static class JsonRowKeys
{
    /// <summary>In the order of preference.</summary>
    public static readonly string[] Vectors = ["emb", "embedding", "embeddings", "vector", "values"];

    /// <summary>Place of the property's name in <see cref="Vectors"/>; its length where it is none of them.</summary>
    public static int FindVector(ref Utf8JsonReader reader)
    {
        int at = 0;
        while (at < Vectors.Length && !reader.ValueTextEquals(Vectors[at]))
            at++;
        return at;
    }
}
