using System.Text.Json;
using HierEmbed.Core.Readers.Text;

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

    /// <summary>Parses a row that is the text of encoded values.</summary>
    public static void ParseBase64(ReadOnlySpan<byte> json, ParsedRow row)
    {
        row.Clear();
        if (json.Length < 2 || json[0] != '"' || !Base64Floats.TryAppend(json[1..^1], row))
            Fail(row, Base64Floats.Problem);
    }

    private static void Fail(ParsedRow row, string problem)
    {
        row.Clear();
        row.Problem = problem;
    }

    private static void ParseValue(ReadOnlySpan<byte> json, ParsedRow row)
    {
        row.Clear();
        // Most rows are a list of numbers and no more.
        if (json.StartsWith("["u8) && NumberList.TryParse(json, row) is > 0 and var length && json[length..].IndexOfAnyExcept(" \t\r\n"u8) < 0)
            return;
        row.ClearValues();
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
            ReadVector(ref reader, row);
        else if (reader.TokenType == JsonTokenType.StartObject)
            ReadObject(json, ref reader, row);
        else
            row.Problem = $"{JsonWords.Of(reader.TokenType)}; expected a list of numbers or an object";
        // Throws where more follows the value.
        while (reader.Read())
            reader.TrySkip();
    }

    private static void ReadObject(ReadOnlySpan<byte> json, scoped ref Utf8JsonReader reader, ParsedRow row)
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
                    json = ReadVectorOrTypes(json, ref reader, row);
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
            else if (reader.ValueTextEquals("model"u8))
                row.ParentModel = JsonWords.ReadText(ref reader);
            else if (reader.ValueTextEquals("input_type"u8))
                row.InputType = JsonWords.ReadText(ref reader);
            else
                reader.Skip();
        }
        row.Labels = new RowLabels(id, text ?? title, label);
        // In Cohere's rows that is the embedding's model; in others it may be a car's.
        if (row.ElementType is null)
            row.ParentModel = row.InputType = null;
        if (best == JsonRowKeys.Vectors.Length)
            row.Problem = $"no list of numbers; expected one of the keys {string.Join(", ", JsonRowKeys.Vectors)}";
    }

    /// <summary>A list of numbers, or Cohere's object of lists by type, of which the best is taken.</summary>
    /// <returns>The text that the reader now reads.</returns>
    private static ReadOnlySpan<byte> ReadVectorOrTypes(ReadOnlySpan<byte> json, scoped ref Utf8JsonReader reader, ParsedRow row)
    {
        row.ClearValues();
        row.ElementType = null;
        row.Problem = null;
        if (reader.TokenType == JsonTokenType.StartArray)
            return ReadVector(json, ref reader, row);
        row.Problem = reader.TokenType == JsonTokenType.StartObject
            ? CohereTypes.NoneFound
            : $"{JsonWords.Of(reader.TokenType)}; expected a list of numbers";
        if (reader.TokenType != JsonTokenType.StartObject)
            return json;
        int best = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            (int rank, string type) = CohereTypes.Find(ref reader);
            reader.Read();
            bool encoded = type == CohereTypes.Base64;
            if (rank <= best || reader.TokenType != (encoded && reader.TokenType == JsonTokenType.String ? JsonTokenType.String : JsonTokenType.StartArray))
            {
                if (rank < 0 && best == 0)
                    row.Problem = CohereTypes.PackedBits;
                reader.Skip();
                continue;
            }
            best = rank;
            row.ClearValues();
            row.Problem = null;
            row.ElementType = type;
            if (encoded)
                ReadBase64(ref reader, row);
            else
                json = ReadVector(json, ref reader, row);
        }
        return json;
    }

    /// <summary>One text, or one in a list.</summary>
    private static void ReadBase64(ref Utf8JsonReader reader, ParsedRow row)
    {
        bool listed = reader.TokenType == JsonTokenType.StartArray;
        if (listed && (!reader.Read() || reader.TokenType == JsonTokenType.EndArray))
            return;
        row.Problem = reader.TokenType == JsonTokenType.String && Base64Floats.TryAppend(reader.ValueSpan, row)
            ? null : Base64Floats.Problem;
        while (listed && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
            row.Problem ??= "several texts; expected one";
        }
    }

    /// <summary>Reads the list at which the reader stands: at once where it holds numbers alone.</summary>
    /// <returns>The text that the reader now reads.</returns>
    private static ReadOnlySpan<byte> ReadVector(ReadOnlySpan<byte> json, scoped ref Utf8JsonReader reader, ParsedRow row)
    {
        ReadOnlySpan<byte> list = json[(int)reader.TokenStartIndex..];
        if (NumberList.TryParse(list, row) is > 0 and var length)
            return JsonListEnd.Pass(list, length, isFinal: true, ref reader);
        row.ClearValues();
        ReadVector(ref reader, row);
        return json;
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
