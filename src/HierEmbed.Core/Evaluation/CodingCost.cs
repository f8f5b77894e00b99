namespace HierEmbed.Core.Evaluation;

/// <summary>A way to store documents, and what it takes.</summary>
/// <param name="Method">Its name in tables.</param>
/// <param name="BytesPerRow">Everything stored for a row: indices, values, scales.</param>
/// <param name="DictionaryBytes">Everything stored once for all rows: atoms, rotations, codebooks, means, levels.</param>
public sealed record CodingCost(string Method, int BytesPerRow, long DictionaryBytes);
