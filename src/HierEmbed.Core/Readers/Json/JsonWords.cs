using System.Text;
using System.Text.Json;

namespace HierEmbed.Core.Readers.Json;

/// <summary>Reads labels tolerantly, and says in words what a token is.</summary>
internal static class JsonWords
{
    /// <summary>What a value is, for messages.</summary>
    public static string Of(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.Null => "null",
        _ => token.ToString(),
    };

    /// <summary>Reads the value after a property's name as text: numbers as they are written, lists joined by commas, null and objects as nothing.</summary>
    public static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            return Scalar(ref reader);
        var parts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Scalar(ref reader) is { } part)
                parts.Add(part);
        }
        return parts.Count == 0 ? null : string.Join(", ", parts);
    }

    /// <summary>Reads one value as text; objects and lists are passed over.</summary>
    public static string? Scalar(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String when reader.ValueIsEscaped:
                return reader.GetString();
            case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                // A label that is not UTF-8 costs some characters, not the row.
                return Encoding.UTF8.GetString(reader.ValueSpan);
            default:
                reader.Skip();
                return null;
        }
    }
}
