using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Http;

namespace HierEmbed.Serving.Search;

/// <summary>Reads the body of a search request: embeddings, or which stored row is the query.</summary>
/// <param name="vectors">Takes the embeddings.</param>
/// <param name="fields">Takes the options.</param>
internal sealed class SearchBody(VectorRows vectors, RequestFields fields)
{
    /// <summary>The option that names a row by its number.</summary>
    public const string RowField = "row";

    private static readonly string[] CohereVectors = ["embeddings", "embedding"];

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private string? notAnId;

    /// <summary>The id of the row that is the query; null: not asked for by id.</summary>
    public string? Id { get; private set; }

    /// <summary>Reads one JSON document: an object, or an array of embeddings, or one embedding.</summary>
    /// <exception cref="RequestException">It is not JSON, has an unknown field, names no query or two, or a vector cannot be encoded.</exception>
    public void Read(ReadOnlySpan<byte> json)
    {
        var reader = new VectorJsonReader(json);
        try
        {
            reader.Read();
            if (reader.Token == JsonTokenType.StartArray)
                EncodeBody.ReadArray(ref reader, vectors);
            else if (reader.Token == JsonTokenType.StartObject)
                ReadObject(ref reader);
            else
                throw Expected("The body is no object");
            reader.RequireEnd();
        }
        catch (JsonException e)
        {
            throw reader.Translate(e);
        }
    }

    private void ReadObject(ref VectorJsonReader reader)
    {
        while (reader.Read() && reader.Token == JsonTokenType.PropertyName)
        {
            string name = reader.Text();
            reader.Read();
            if (!seen.Add(name))
                throw Expected($"The body has {Quoted.Shorten(name)} twice");
            ReadField(ref reader, name);
        }
        bool cohere = CohereVectors.Any(seen.Contains);
        if (!cohere && EncodeBody.CohereFields.FirstOrDefault(name => name != "id" && seen.Contains(name)) is { } stray)
            throw Expected($"The body has the unknown field \"{stray}\"");
        // A Cohere answer has an id of its own.
        if (cohere)
            (Id, notAnId) = (null, null);
        if (notAnId is not null)
            throw RequestFields.Bad("id", notAnId, "the id of a stored row, a text");
        string[] subjects = [.. seen.Where(name => name is "query" or "queries" || (name == RowField && fields.Find(name) is not null) || CohereVectors.Contains(name) || (name == "id" && Id is not null))];
        if (subjects.Length != 1)
            throw Expected(subjects.Length == 0 ? "The body names no query" : $"The body has {string.Join(" and ", subjects)}");
    }

    private void ReadField(ref VectorJsonReader reader, string name)
    {
        switch (name)
        {
            case "query":
                reader.ReadRow(vectors, new RowName(name, -1));
                break;
            case "queries" when reader.Token == JsonTokenType.StartArray:
                reader.ReadVectors(vectors, name);
                break;
            case "queries" when reader.Token == JsonTokenType.StartObject:
                reader.ReadByType(vectors, name, null);
                break;
            case "queries":
                throw reader.NotAVector(new RowName(name, -1));
            case "embeddings" or "embedding":
                EncodeBody.ReadEmbeddings(ref reader, name, vectors);
                break;
            case "id" when reader.Token == JsonTokenType.String:
                Id = reader.Text();
                break;
            case "id" when reader.Token == JsonTokenType.Null:
                break;
            case "id":
                notAnId = reader.Raw();
                break;
            case var option when fields.Has(option):
                fields.AddJson(option, ref reader);
                break;
            case var other when EncodeBody.CohereFields.Contains(other):
                reader.Skip();
                break;
            default:
                throw Expected($"The body has the unknown field \"{Quoted.Shorten(name)}\"");
        }
    }

    private static RequestException Expected(string found) => new(ProblemTypes.InvalidRequest,
        $"{found}; expected one of query [number, …], queries [[…], …], row 12 and id \"a\", and any of {string.Join(", ", SearchChoices.Names)}.");
}
