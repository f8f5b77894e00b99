namespace HierEmbed.Core.Readers.Json;

/// <summary>Where in a document the rows are, and what the document says of them.</summary>
/// <param name="Offset">Where the list of rows begins, in bytes from the document's beginning; or the one row.</param>
/// <param name="IsSingleRow">Whether the value there is one row, not a list of them.</param>
/// <param name="Format">cohere or json.</param>
/// <param name="ElementType">float, base64, int8 or uint8.</param>
/// <param name="ParentModel">The model that made the embeddings.</param>
/// <param name="InputType">The input type that they were made with.</param>
/// <param name="Texts">The texts beside the rows, in their order; empty where there are none or too many to keep.</param>
internal sealed record JsonLayout(
    long Offset, bool IsSingleRow, string Format, string ElementType, string? ParentModel, string? InputType, IReadOnlyList<string?> Texts);
