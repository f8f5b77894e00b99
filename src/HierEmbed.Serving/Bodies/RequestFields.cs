using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Serving.Http;
using Microsoft.AspNetCore.Http;

namespace HierEmbed.Serving.Bodies;

/// <summary>The options of a request as text: query parameters first, then the fields of its JSON object, which win.</summary>
/// <param name="names">Options that the route takes.</param>
internal sealed class RequestFields(IReadOnlyList<string> names)
{
    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);

    /// <summary>Takes the query parameters.</summary>
    public RequestFields AddQuery(HttpRequest request)
    {
        foreach (string name in names)
        {
            if (request.Query.TryGetValue(name, out var value))
                texts[name] = value.ToString();
        }
        return this;
    }

    /// <summary>Whether the route takes an option of that name.</summary>
    public bool Has(string name) => names.Contains(name);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", names);

    /// <summary>Takes the current property's value.</summary>
    public void AddJson(string name, ref VectorJsonReader reader)
    {
        // A number written as text stays quoted, so that no parser takes it for a number; a word loses its quotes.
        if (reader.Token == JsonTokenType.Null)
            texts.Remove(name);
        else if (reader.Token == JsonTokenType.String && reader.Text() is var text)
            texts[name] = text.Length > 0 && char.IsAsciiLetter(text[0]) ? text : $"\"{text}\"";
        else
            texts[name] = reader.Raw();
    }

    /// <summary>An option's text, or null where it is not given.</summary>
    public string? Find(string name) => texts.GetValueOrDefault(name);

    /// <summary>A whole number in a range, or null where it is not given.</summary>
    /// <exception cref="RequestException">It is none.</exception>
    public int? Integer(string name, int min, int max, string limit) =>
        Find(name) is { } text ? ParseInteger(name, text, min, max, limit) : null;

    /// <summary>Whole numbers in a range, as <c>[8,32]</c> or <c>8,32</c>, or null where they are not given.</summary>
    /// <exception cref="RequestException">One is none, or there are none or more than 32.</exception>
    public int[]? Integers(string name, int min, int max, string limit)
    {
        if (Find(name) is not { } text)
            return null;
        string[] parts = (text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text).Split(',', StringSplitOptions.TrimEntries);
        if (parts is [""] or { Length: > 32 })
            throw Bad(name, text, "1 to 32 whole numbers, such as [8,32]");
        return Array.ConvertAll(parts, part => ParseInteger(name, part, min, max, limit));
    }

    /// <summary>true or false, or null where it is not given.</summary>
    /// <exception cref="RequestException">It is neither.</exception>
    public bool? Boolean(string name) => Find(name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        var text => throw Bad(name, text, "true or false"),
    };

    /// <summary>One of some words, or null where it is not given.</summary>
    /// <exception cref="RequestException">It is none of them.</exception>
    public string? Word(string name, params ReadOnlySpan<string> words)
    {
        string? text = Find(name);
        return text is null || words.Contains(text) ? text : throw Bad(name, text, string.Join(" or ", words!));
    }

    /// <summary>An option with a value that it cannot have.</summary>
    public static RequestException Bad(string name, string text, string expected) =>
        new(ProblemTypes.InvalidRequest, $"{name} is {Quoted.Shorten(text)}; expected {expected}.");

    private static int ParseInteger(string name, string text, int min, int max, string limit) =>
        int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out int value) && value >= min && value <= max
            ? value
            : throw Bad(name, text, $"a whole number from {min} to {max}{limit}");
}
