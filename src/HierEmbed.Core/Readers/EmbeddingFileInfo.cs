namespace HierEmbed.Core.Readers;

/// <summary>What a file says of itself.</summary>
/// <param name="Name">The file's name as the user knows it.</param>
/// <param name="Format">The format that was found by content: npy, npz, parquet, jsonl, cohere, json, csv, fvecs, bvecs.</param>
/// <param name="ElementType">Type of the stored numbers, as the format writes it: &lt;f4, float, int8.</param>
/// <param name="Dims">Length of an embedding.</param>
/// <param name="DeclaredRows">Rows that the header declares, where the format has one. Not to be trusted for an allocation.</param>
/// <param name="ParentModel">The model that made the embeddings, where the file says so.</param>
/// <param name="InputType">The input type that they were made with, where the file says so.</param>
/// <param name="Compression">The compression around the file: gzip or zstd; null where there is none.</param>
public sealed record EmbeddingFileInfo(
    string Name, string Format, string ElementType, int Dims, long? DeclaredRows = null, string? ParentModel = null, string? InputType = null, string? Compression = null);
