namespace HierEmbed.Core.Readers.Json;

/// <summary>One JSON document: a Cohere response, version 1 or 2, recorded with its request or not; a list of lists; a list of objects.</summary>
internal static class JsonDocumentFormat
{
    public static EmbeddingFormat Format { get; } = new("a JSON document (.json)", [".json"], JsonSniff.CanBeDocument, JsonDocumentReader.Open);
}
