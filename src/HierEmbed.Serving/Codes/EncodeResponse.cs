using System.Text.Json.Nodes;

namespace HierEmbed.Serving.Codes;

/// <summary>What encode answers.</summary>
/// <param name="Model">The model.</param>
/// <param name="ModelVersion">The version that encoded.</param>
/// <param name="Format">How a code is written.</param>
/// <param name="Ks">Active components, in the order of the codes of a row.</param>
/// <param name="Codes">One code a row where k was asked for, a list of codes a row where ks was. A code is a <see cref="CodeView"/>,
/// the text of a sparsevec in the format <c>pgvector</c>, and an object of indices and values in the format <c>qdrant</c>.</param>
public sealed record EncodeResponse(string Model, string ModelVersion, CodeFormat Format, int[] Ks, IReadOnlyList<JsonNode> Codes);
