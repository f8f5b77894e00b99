using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HierEmbed.Core.Codes;

/// <summary>Codes as other systems read them.</summary>
public static class CodeText
{
    /// <summary>The text of a pgvector sparsevec, counted from 1: <c>{6:0.7,92:0.2}/4096</c>.</summary>
    public static string ToSparsevec(SparseCode code)
    {
        var text = new StringBuilder("{");
        for (int i = 0; i < code.Indices.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",")}{code.Indices[i] + 1}:{code.Values[i]}");
        return text.Append(CultureInfo.InvariantCulture, $"}}/{code.Dims}").ToString();
    }

    /// <summary>Writes the members <c>indices</c>, counted from 0, and <c>values</c> of the object at hand: a Qdrant sparse vector, if there are no others.</summary>
    public static void WriteIndicesAndValues(Utf8JsonWriter writer, SparseCode code)
    {
        writer.WriteStartArray("indices"u8);
        foreach (int index in code.Indices)
            writer.WriteNumberValue(index);
        writer.WriteEndArray();
        writer.WriteStartArray("values"u8);
        foreach (float value in code.Values)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }
}
