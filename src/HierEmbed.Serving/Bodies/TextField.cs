using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Http;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Bodies;

/// <summary>Reads a body that is an object with one field of text, such as <c>{"version": "…"}</c>.</summary>
internal static class TextField
{
    /// <summary>Reads the field.</summary>
    /// <exception cref="RequestException">The body is too large, not JSON, or another object.</exception>
    public static async Task<string> ReadAsync(HttpRequest request, string field, HierEmbedOptions options, CancellationToken cancellationToken)
    {
        MediaTypes.OfBody(request, MediaTypes.Json);
        using RequestBody body = await RequestBody.ReadAsync(request, options.MaxBodyBytes, cancellationToken);
        return Parse(body.Span, field);
    }

    private static string Parse(ReadOnlySpan<byte> json, string field)
    {
        var reader = new VectorJsonReader(json);
        try
        {
            string? text = null;
            reader.Read();
            if (reader.Token != JsonTokenType.StartObject)
                throw Expected(field, "The body is no object");
            while (reader.Read() && reader.Token == JsonTokenType.PropertyName)
            {
                string name = reader.Text();
                reader.Read();
                if (name != field)
                    throw Expected(field, $"The body has the unknown field \"{Quoted.Shorten(name)}\"");
                text = reader.Token == JsonTokenType.String ? reader.Text() : throw Expected(field, $"{field} is {Quoted.Shorten(reader.Raw())}");
            }
            reader.RequireEnd();
            return text ?? throw Expected(field, $"The body has no {field}");
        }
        catch (JsonException e)
        {
            throw reader.Translate(e);
        }
    }

    private static RequestException Expected(string field, string found) =>
        new(ProblemTypes.InvalidRequest, $"{found}; expected {{\"{field}\": \"…\"}}.");
}
