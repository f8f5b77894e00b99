using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Serving.Http;

namespace HierEmbed.Serving.Bodies;

/// <summary>Reads the body of an encode request, in any of its JSON shapes.</summary>
internal static class EncodeBody
{
    // What Cohere's embed answers carry beside the embeddings: such an answer can be posted as it is.
    internal static readonly string[] CohereFields = ["id", "texts", "inputs", "images", "meta", "response_type"];

    /// <summary>Reads one JSON document: an object with <c>embeddings</c> or <c>embedding</c>, an array of vectors, or one vector.</summary>
    /// <exception cref="RequestException">It is not JSON, has an unknown field, or a row cannot be encoded.</exception>
    public static void ReadJson(ReadOnlySpan<byte> json, VectorRows rows, RequestFields fields)
    {
        var reader = new VectorJsonReader(json);
        try
        {
            reader.Read();
            if (reader.Token == JsonTokenType.StartArray)
                ReadArray(ref reader, rows);
            else if (reader.Token == JsonTokenType.StartObject)
                ReadObject(ref reader, rows, fields);
            else
                throw new RequestException(ProblemTypes.InvalidRequest, "The body is one JSON value; expected {\"embeddings\": [[…]]}, an array of vectors, or one vector.");
            reader.RequireEnd();
        }
        catch (JsonException e)
        {
            throw reader.Translate(e);
        }
    }

    /// <summary>Reads one vector, or one object that holds a vector, a line. Empty lines are passed over.</summary>
    /// <exception cref="RequestException">A line is not JSON, or its row cannot be encoded.</exception>
    public static void ReadLines(ReadOnlySpan<byte> lines, VectorRows rows)
    {
        long number = 0;
        long extra = 0;
        foreach (Range range in lines.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = lines[range].Trim(" \t\r"u8);
            if (!line.IsEmpty && rows.Count == rows.MaxRows)
                extra++;
            else if (!line.IsEmpty)
                ReadLine(line, number, rows);
            number++;
        }
        if (extra > 0)
            throw rows.TooMany(rows.Count + extra);
    }

    private static void ReadLine(ReadOnlySpan<byte> line, long number, VectorRows rows)
    {
        var reader = new VectorJsonReader(line, number);
        try
        {
            reader.Read();
            reader.ReadRow(rows, RowName.Row(rows.Count));
            reader.RequireEnd();
        }
        catch (JsonException e)
        {
            throw reader.Translate(e);
        }
    }

    internal static void ReadArray(ref VectorJsonReader reader, VectorRows rows)
    {
        // A bare array is a vector if its first element is a number, a list of vectors otherwise: one look ahead tells.
        VectorJsonReader ahead = reader;
        if (ahead.Read() && ahead.Token == JsonTokenType.Number)
            reader.ReadNumbers(rows, RowName.Row(0));
        else
            reader.ReadVectors(rows, null);
    }

    private static void ReadObject(ref VectorJsonReader reader, VectorRows rows, RequestFields fields)
    {
        bool found = false;
        while (reader.Read() && reader.Token == JsonTokenType.PropertyName)
        {
            string name = reader.Text();
            reader.Read();
            if (name is "embeddings" or "embedding")
            {
                if (found)
                    throw new RequestException(ProblemTypes.InvalidRequest, "The body has embeddings twice; expected one of embeddings and embedding.");
                found = true;
                ReadEmbeddings(ref reader, name, rows);
            }
            else if (fields.Has(name))
                fields.AddJson(name, ref reader);
            else if (CohereFields.Contains(name))
                reader.Skip();
            else
                throw new RequestException(ProblemTypes.InvalidRequest,
                    $"The body has the unknown field \"{Quoted.Shorten(name)}\"; expected embeddings or embedding, and any of {fields}.");
        }
        if (!found)
            throw new RequestException(ProblemTypes.InvalidRequest, "The body has no embeddings; expected {\"embeddings\": [[…]]} or {\"embedding\": […]}.");
    }

    internal static void ReadEmbeddings(ref VectorJsonReader reader, string name, VectorRows rows)
    {
        if (name == "embedding")
            reader.ReadRow(rows, RowName.Row(0));
        else if (reader.Token == JsonTokenType.StartObject)
            reader.ReadByType(rows, null, null);
        else if (reader.Token == JsonTokenType.StartArray)
            reader.ReadVectors(rows, null);
        else
            throw reader.NotAVector(new RowName("embeddings", -1));
    }
}
