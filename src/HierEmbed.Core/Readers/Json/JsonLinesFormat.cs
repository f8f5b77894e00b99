namespace HierEmbed.Core.Readers.Json;

/// <summary>JSON lines, https://jsonlines.org.</summary>
internal static class JsonLinesFormat
{
    public static EmbeddingFormat Format { get; } = new("JSON lines (.jsonl)", [".jsonl", ".ndjson"], JsonSniff.CanBeLines, JsonLinesReader.Open);
}
