using System.Text.Json.Nodes;
using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Serving.Codes;

/// <summary>What encode answers.</summary>
/// <param name="Model">The model.</param>
/// <param name="ModelVersion">The version that encoded.</param>
/// <param name="Format">How a code is written.</param>
/// <param name="Coding">How codes are made, and with it how they are scored.</param>
/// <param name="Side">What the embeddings were taken for.</param>
/// <param name="Ks">Active components, in the order of the codes of a row; none for queries.</param>
/// <param name="Codes">One code a row where k was asked for, a list of codes a row where ks was. A code is a <see cref="CodeView"/>,
/// the text of a sparsevec in the format <c>pgvector</c>, an object of indices and values in the format <c>qdrant</c>, and a <see cref="QueryView"/> for queries.</param>
public sealed record EncodeResponse(string Model, string ModelVersion, CodeFormat Format, CodeCoding Coding, EncodeSide Side, int[] Ks, IReadOnlyList<JsonNode> Codes);
