using System.Globalization;
using System.Text.Json;
using HierEmbed.Core.Errors;

namespace HierEmbed.Serving.Bodies;

/// <summary>Says what is wrong with a body that is no JSON.</summary>
internal static class BrokenJson
{
    /// <summary>What a parser's exception is to a client: NaN and infinity are no JSON, but deserve their own name.</summary>
    /// <param name="json">The document.</param>
    /// <param name="firstLine">Line that it begins on, from 0.</param>
    /// <param name="row">The vector that was being read.</param>
    /// <param name="consumed">Bytes that were read.</param>
    /// <param name="fault">What the parser threw.</param>
    public static RequestException Refuse(ReadOnlySpan<byte> json, long firstLine, RowName row, long consumed, JsonException fault)
    {
        JsonException exact = Locate(json, ref consumed) ?? fault;
        ReadOnlySpan<byte> rest = json[(int)Math.Min(consumed, json.Length)..].TrimStart(" \t\r\n,:["u8);
        ReadOnlySpan<byte> word = rest.StartsWith("-"u8) ? rest[1..] : rest;
        if (word.StartsWith("NaN"u8) || word.StartsWith("Infinity"u8))
            return VectorRows.NotFinite(row, word.StartsWith("NaN"u8) ? "NaN, which is no JSON number" : "Infinity, which is no JSON number");
        return new RequestException(ProblemTypes.MalformedBody, string.Create(CultureInfo.InvariantCulture,
            $"The body is not JSON: line {firstLine + (exact.LineNumber ?? 0) + 1}, byte {exact.BytePositionInLine ?? 0}. Check that it was not cut off and that its Content-Type is right."), fault);
    }

    /// <summary>Reads the document again from its start: the parser that failed may have begun behind a list, and has counted no lines before.</summary>
    private static JsonException? Locate(ReadOnlySpan<byte> json, ref long consumed)
    {
        var whole = new Utf8JsonReader(json, VectorJsonReader.Syntax);
        try
        {
            while (whole.Read())
            {
            }
            return null;
        }
        catch (JsonException exact)
        {
            consumed = whole.BytesConsumed;
            return exact;
        }
    }
}
