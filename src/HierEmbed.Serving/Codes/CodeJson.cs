using System.Text.Json;
using HierEmbed.Core.Codes;

namespace HierEmbed.Serving.Codes;

/// <summary>Writes codes as JSON.</summary>
internal static class CodeJson
{
    /// <summary>Writes one code.</summary>
    /// <param name="writer">Takes the JSON.</param>
    /// <param name="code">The code.</param>
    /// <param name="k">Active components that were asked for.</param>
    /// <param name="format">How it is written.</param>
    public static void Write(Utf8JsonWriter writer, SparseCode code, int k, CodeFormat format)
    {
        if (format == CodeFormat.Pgvector)
        {
            writer.WriteStringValue(CodeText.ToSparsevec(code));
            return;
        }
        writer.WriteStartObject();
        if (format != CodeFormat.Qdrant)
        {
            writer.WriteNumber("k"u8, k);
            writer.WriteNumber("dims"u8, code.Dims);
        }
        if (format == CodeFormat.Dense)
            WriteDense(writer, code);
        else
            CodeText.WriteIndicesAndValues(writer, code);
        if (format != CodeFormat.Qdrant)
            writer.WriteNumber("norm"u8, code.Norm);
        writer.WriteEndObject();
    }

    private static void WriteDense(Utf8JsonWriter writer, SparseCode code)
    {
        writer.WriteStartArray("values"u8);
        for (int latent = 0, next = 0; latent < code.Dims; latent++)
        {
            if (next < code.Indices.Length && code.Indices[next] == latent)
                writer.WriteNumberValue(code.Values[next++]);
            else
                writer.WriteNumberValue(0);
        }
        writer.WriteEndArray();
    }
}
