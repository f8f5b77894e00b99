using System.Globalization;
using System.Text;
using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers.Text;
using HierEmbed.Serving.Http;

namespace HierEmbed.Serving.Bodies;

/// <summary>Reads vectors out of JSON straight into rows, without an object a number.</summary>
/// <param name="json">One JSON document.</param>
/// <param name="firstLine">Line that the document begins on, from 0.</param>
internal ref struct VectorJsonReader(ReadOnlySpan<byte> json, long firstLine = 0)
{
    /// <summary>What is read: no comments, no commas at a list's end, and nothing deep.</summary>
    public static JsonReaderOptions Syntax { get; } = new() { MaxDepth = 16 };

    private static readonly string[] VectorKeys = ["embedding", "embeddings", "emb", "vector", "values"];

    private readonly ReadOnlySpan<byte> json = WithoutMark(json);
    private Utf8JsonReader reader = new(WithoutMark(json), Syntax);
    private RowName at = RowName.Row(0);

    // Where the text that the reader reads begins: behind a list of numbers it starts anew.
    private int offset;

    /// <summary>The token that was read last.</summary>
    public readonly JsonTokenType Token => reader.TokenType;

    /// <summary>Reads a token.</summary>
    public bool Read() => reader.Read();

    /// <summary>Passes over the current value.</summary>
    public void Skip() => reader.Skip();

    /// <summary>The current string or property name.</summary>
    /// <exception cref="RequestException">It is not UTF-8, or holds half a surrogate pair.</exception>
    public readonly string Text()
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new RequestException(ProblemTypes.MalformedBody,
                string.Create(CultureInfo.InvariantCulture, $"The body has a text that is not valid Unicode, at byte {offset + reader.TokenStartIndex}. Send UTF-8."), e);
        }
    }

    /// <summary>The current value as it stands in the document; a field's text without quotes where it is a word.</summary>
    public string Raw()
    {
        int start = offset + (int)reader.TokenStartIndex;
        reader.Skip();
        return Encoding.UTF8.GetString(json[start..(offset + (int)reader.BytesConsumed)]);
    }

    /// <summary>Reads a list of vectors: arrays of numbers, or objects that hold one. The current token is the list's start.</summary>
    public void ReadVectors(VectorRows rows, string? list)
    {
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (rows.Count == rows.MaxRows)
                throw rows.TooMany(rows.Count + CountRest());
            ReadRow(rows, new RowName(list, i));
        }
    }

    /// <summary>Reads a vector: an array of numbers, or an object that holds one. The current token is its start.</summary>
    public void ReadRow(VectorRows rows, RowName name)
    {
        at = name;
        if (reader.TokenType == JsonTokenType.StartArray)
            ReadNumbers(rows, name);
        else if (reader.TokenType == JsonTokenType.StartObject)
            ReadRowObject(rows, name);
        else
            throw NotAVector(name);
    }

    /// <summary>Reads the numbers of a vector to the array's end. The current token is the array's start.</summary>
    /// <param name="rows">Takes the row.</param>
    /// <param name="name">What a message calls it.</param>
    public void ReadNumbers(VectorRows rows, RowName name)
    {
        at = name;
        Span<float> target = rows.Next();
        if (TryReadNumbers(target))
        {
            rows.Commit(name);
            return;
        }
        int count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (count < target.Length)
                target[count] = reader.TryGetSingle(out float value) ? value : float.PositiveInfinity;
            count++;
        }
        if (reader.TokenType != JsonTokenType.EndArray)
            throw NotANumber(name, count);
        if (count != target.Length)
            throw rows.WrongLength(name, count);
        rows.Commit(name);
    }

    /// <summary>Reads a list of as many numbers as a row has, several times as fast as token by token. What is left over is read again, and told what is wrong.</summary>
    private bool TryReadNumbers(Span<float> row)
    {
        int start = offset + (int)reader.TokenStartIndex;
        int length = NumberList.TryParse(json[start..], row);
        if (length == 0)
            return false;
        offset = start + length - 1;
        reader = new Utf8JsonReader(json[offset..], isFinalBlock: true, reader.CurrentState);
        return reader.Read();
    }

    /// <summary>Whether anything but white space follows the document.</summary>
    public void RequireEnd()
    {
        while (reader.Read())
        {
        }
    }

    /// <summary>What a parser's exception is to a client.</summary>
    public readonly RequestException Translate(JsonException e) => BrokenJson.Refuse(json, firstLine, at, offset + reader.BytesConsumed, e);

    private void ReadRowObject(VectorRows rows, RowName name)
    {
        bool found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool wanted = IsVectorKey();
            reader.Read();
            if (!wanted)
            {
                reader.Skip();
                continue;
            }
            if (found)
                throw new RequestException(ProblemTypes.InvalidRequest, $"{name} holds more than one vector; expected one of {string.Join(", ", VectorKeys)}.");
            found = true;
            if (reader.TokenType == JsonTokenType.StartObject)
                ReadByType(rows, null, name);
            else
                ReadRow(rows, name);
        }
        if (!found)
            throw new RequestException(ProblemTypes.InvalidRequest, $"{name} is an object without a vector; expected one of {string.Join(", ", VectorKeys)}.");
    }

    /// <summary>Reads embeddings by type, as Cohere's v2 answers have them: <c>{"float": …, "int8": …}</c>; float is preferred.</summary>
    /// <param name="rows">Takes the rows.</param>
    /// <param name="list">The field, for a list of vectors.</param>
    /// <param name="single">Set where each type holds one vector in place of a list.</param>
    public void ReadByType(VectorRows rows, string? list, RowName? single)
    {
        Utf8JsonReader start = reader;
        int startOffset = offset;
        string? wanted = null;
        string others = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string type = Text();
            reader.Read();
            if (reader.TokenType != JsonTokenType.Null)
            {
                wanted = type == "float" || (type == "int8" && wanted is null) ? type : wanted;
                others += others.Length == 0 ? type : ", " + type;
            }
            reader.Skip();
        }
        if (wanted is null)
            throw new RequestException(ProblemTypes.InvalidRequest,
                $"embeddings holds {(others.Length == 0 ? "no type" : $"the types {Quoted.Shorten(others)}")}; expected float or int8. Ask Cohere for embedding_types [\"float\"].");
        Utf8JsonReader end = reader;
        reader = start;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool take = reader.ValueTextEquals(wanted);
            reader.Read();
            if (!take)
                reader.Skip();
            else if (single is { } name)
                ReadRow(rows, name);
            else if (reader.TokenType == JsonTokenType.StartArray)
                ReadVectors(rows, list);
            else
                throw NotAVector(new RowName("embeddings." + wanted, -1));
        }
        reader = end;
        offset = startOffset;
    }

    /// <summary>Editors on Windows begin a file with a byte order mark, which is no JSON.</summary>
    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> json) => json.StartsWith("\uFEFF"u8) ? json[3..] : json;

    private readonly bool IsVectorKey()
    {
        foreach (string key in VectorKeys)
        {
            if (reader.ValueTextEquals(key))
                return true;
        }
        return false;
    }

    /// <summary>Counts the values that are left in a list, the current one included.</summary>
    public long CountRest()
    {
        long rest = 1;
        reader.Skip();
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; rest++)
            reader.Skip();
        return rest;
    }

    /// <summary>A value that should have been a vector.</summary>
    public readonly RequestException NotAVector(RowName name) =>
        new(ProblemTypes.InvalidRequest, $"{name} is {Kind()}; expected an array of numbers, such as [0.12, -0.5, …].");

    private readonly RequestException NotANumber(RowName name, int dimension) =>
        reader.TokenType == JsonTokenType.String && Text() is "NaN" or "Infinity" or "-Infinity"
            ? VectorRows.NotFinite(name, $"\"{Text()}\" at dimension {dimension}")
            : new RequestException(ProblemTypes.InvalidRequest, $"{name}, dimension {dimension} is {Kind()}; expected a number.");

    private readonly string Kind() => reader.TokenType switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.String => $"the text \"{Quoted.Shorten(Text())}\"",
        JsonTokenType.Number => $"the number {Encoding.UTF8.GetString(reader.ValueSpan[..Math.Min(40, reader.ValueSpan.Length)])}",
        JsonTokenType.Null => "null",
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => "missing",
    };
}
