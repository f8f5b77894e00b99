using System.Text.Json;

namespace HierEmbed.Core.Readers.Json;

/// <summary>Parses one row: a bare array of numbers, or an object with such an array under one of the known keys.</summary>
internal static class JsonRowParser
{
    /// <summary>Why there is no row where the text is no JSON value.</summary>
    public const string NotJson = "not JSON";

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64 };

    /// <summary>Parses a row.</summary>
    /// <param name="json">One JSON value; bare NaN and Infinity in it are overwritten by texts that stand for them.</param>
    /// <param name="row">Where its numbers and labels go, or why there are none.</param>
    public static void Parse(Span<byte> json, ParsedRow row)
    {
        try
        {
            ParseValue(json, row);
        }
        catch (JsonException)
        {
            if (BareNumbers.Quote(json))
                Parse(json, row);
            else
                Fail(row, NotJson);
        }
        catch (InvalidOperationException)
        {
            // What Utf8JsonReader throws for a text that is not UTF-8 or holds half a surrogate pair.
            Fail(row, "a text that is not valid Unicode");
        }
    }

    private static void Fail(ParsedRow row, string problem)
    {
        row.Clear();
        row.Problem = problem;
    }

    private static void ParseValue(ReadOnlySpan<byte> json, ParsedRow row)
    {
        row.Clear();
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
            ReadVector(ref reader, row);
        else if (reader.TokenType == JsonTokenType.StartObject)
            ReadObject(ref reader, row);
        else
            row.Problem = $"{JsonWords.Of(reader.TokenType)}; expected a list of numbers or an object";
        // Throws where more follows the value.
        while (reader.Read())
            reader.TrySkip();
    }

    private static void ReadObject(ref Utf8JsonReader reader, ParsedRow row)
    {
        int best = JsonRowKeys.Vectors.Length;
        string? id = null, text = null, title = null, label = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int key = JsonRowKeys.FindVector(ref reader);
            if (key < best)
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.Null)
                {
                    best = key;
                    ReadVectorOrTypes(ref reader, row);
                }
            }
            else if (reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("_id"u8))
                id = JsonWords.ReadText(ref reader) ?? id;
            else if (reader.ValueTextEquals("text"u8))
                text = JsonWords.ReadText(ref reader);
            else if (reader.ValueTextEquals("title"u8))
                title = JsonWords.ReadText(ref reader);
            else if (reader.ValueTextEquals("label"u8))
                label = JsonWords.ReadText(ref reader);
            else
                reader.Skip();
        }
        row.Labels = new RowLabels(id, text ?? title, label);
        if (best == JsonRowKeys.Vectors.Length)
            row.Problem = $"no list of numbers; expected one of the keys {string.Join(", ", JsonRowKeys.Vectors)}";
    }

    /// <summary>A list of numbers, or Cohere's object of lists by type, of which float is preferred.</summary>
    private static void ReadVectorOrTypes(ref Utf8JsonReader reader, ParsedRow row)
    {
        row.ClearValues();
        row.IsInt8 = false;
        row.Problem = null;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            ReadVector(ref reader, row);
            return;
        }
        row.Problem = reader.TokenType == JsonTokenType.StartObject
            ? "no embeddings of type float or int8"
            : $"{JsonWords.Of(reader.TokenType)}; expected a list of numbers";
        if (reader.TokenType != JsonTokenType.StartObject)
            return;
        bool found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isFloat = reader.ValueTextEquals("float"u8);
            bool wanted = isFloat || (!found && reader.ValueTextEquals("int8"u8));
            reader.Read();
            if (!wanted || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }
            found = true;
            row.ClearValues();
            row.Problem = null;
            row.IsInt8 = !isFloat;
            ReadVector(ref reader, row);
        }
    }

    /// <summary>Reads <c>[1, 2]</c>, or <c>[[1, 2]]</c> with one list inside, from its first bracket to its last.</summary>
    private static void ReadVector(ref Utf8JsonReader reader, ParsedRow row)
    {
        bool first = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (first && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadNumbers(ref reader, row);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    reader.Skip();
                    row.Problem ??= "several lists; expected one list of numbers";
                }
                return;
            }
            ReadNumber(ref reader, row);
            first = false;
        }
    }

    private static void ReadNumbers(ref Utf8JsonReader reader, ParsedRow row)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            ReadNumber(ref reader, row);
    }

    private static void ReadNumber(ref Utf8JsonReader reader, ParsedRow row)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out float value))
        {
            row.Append(value);
        }
        else if (reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.String && BareNumbers.IsNaN(ref reader)))
        {
            // JavaScript and some data frames write NaN as null.
            row.Append(float.NaN);
        }
        else if (reader.TokenType == JsonTokenType.String && BareNumbers.IsInfinity(ref reader))
        {
            row.Append(float.PositiveInfinity);
        }
        else if (reader.TokenType == JsonTokenType.String && BareNumbers.IsMinusInfinity(ref reader))
        {
            row.Append(float.NegativeInfinity);
        }
        else
        {
            row.Problem ??= FormattableString.Invariant($"{JsonWords.Of(reader.TokenType)} at dimension {row.Values.Length}; expected a number");
            reader.Skip();
        }
    }
}
