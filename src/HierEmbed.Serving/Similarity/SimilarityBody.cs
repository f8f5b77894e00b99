using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Serving.Bodies;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Http;

namespace HierEmbed.Serving.Similarity;

/// <summary>The vectors of a similarity request: row i of <see cref="Left"/> is compared with row i of <see cref="Right"/>, or the one query with every row.</summary>
/// <param name="model">The model that they are for.</param>
/// <param name="maxRows">Vectors that one request may carry.</param>
internal sealed class SimilarityBody(EncoderModel model, int maxRows) : IDisposable
{
    /// <summary>The first of each pair, or the query alone.</summary>
    public VectorRows Left { get; } = new(model, maxRows);

    /// <summary>The second of each pair, or the candidates.</summary>
    public VectorRows Right { get; } = new(model, maxRows);

    /// <summary>Whether there is one query for all.</summary>
    public bool OneQuery { get; private set; }

    /// <summary>Reads the JSON object.</summary>
    /// <exception cref="RequestException">It is not JSON, has an unknown field, lacks one, or a vector cannot be encoded.</exception>
    public void Read(ReadOnlySpan<byte> json, RequestFields fields)
    {
        var reader = new VectorJsonReader(json);
        try
        {
            reader.Read();
            if (reader.Token != JsonTokenType.StartObject)
                throw Expected("The body is no object");
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (reader.Read() && reader.Token == JsonTokenType.PropertyName)
            {
                string name = reader.Text();
                reader.Read();
                if (!seen.Add(name))
                    throw Expected($"The body has {Quoted.Shorten(name)} twice");
                ReadField(ref reader, name, fields);
            }
            reader.RequireEnd();
            OneQuery = seen.Contains("query");
            if (seen.Contains("pairs") == OneQuery || OneQuery != seen.Contains("candidates"))
                throw Expected($"The body has {(seen.Count == 0 ? "nothing" : Quoted.Shorten(string.Join(", ", seen)))}");
            if (Left.Count + Right.Count > maxRows)
                throw Right.TooMany(Left.Count + Right.Count);
        }
        catch (JsonException e)
        {
            throw reader.Translate(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }

    private void ReadField(ref VectorJsonReader reader, string name, RequestFields fields)
    {
        switch (name)
        {
            case "query":
                reader.ReadRow(Left, new RowName(name, -1));
                break;
            case "candidates" when reader.Token == JsonTokenType.StartArray:
                reader.ReadVectors(Right, name);
                break;
            case "pairs" when reader.Token == JsonTokenType.StartArray:
                ReadPairs(ref reader);
                break;
            case "candidates" or "pairs":
                throw Expected($"{name} is no array");
            case var option when fields.Has(option):
                fields.AddJson(option, ref reader);
                break;
            default:
                throw Expected($"The body has the unknown field \"{Quoted.Shorten(name)}\"");
        }
    }

    private void ReadPairs(ref VectorJsonReader reader)
    {
        for (int i = 0; reader.Read() && reader.Token != JsonTokenType.EndArray; i++)
        {
            if (Left.Count == Left.MaxRows)
                throw Left.TooMany(2L * (Left.Count + reader.CountRest()));
            if (reader.Token != JsonTokenType.StartArray)
                throw Expected($"pairs[{i}] is no array");
            for (int item = 0; item < 2; item++)
            {
                reader.Read();
                if (reader.Token == JsonTokenType.EndArray)
                    throw Expected($"pairs[{i}] has {item} vectors");
                reader.ReadRow(item == 0 ? Left : Right, new RowName("pairs", i, item));
            }
            reader.Read();
            if (reader.Token != JsonTokenType.EndArray)
                throw Expected($"pairs[{i}] has more than 2 vectors");
        }
    }

    private static RequestException Expected(string found) => new(ProblemTypes.InvalidRequest,
        $"{found}; expected {{\"pairs\": [[[…], […]], …]}} or {{\"query\": […], \"candidates\": [[…], …]}}, with ks, prefix and coding as options.");
}
