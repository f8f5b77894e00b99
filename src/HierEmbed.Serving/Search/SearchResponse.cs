using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Search;

namespace HierEmbed.Serving.Search;

/// <summary>What search answers.</summary>
/// <param name="Model">The model.</param>
/// <param name="ModelVersion">The version whose rows were searched.</param>
/// <param name="Coding">How the rows' codes were made.</param>
/// <param name="Scoring">How they are scored: <c>asymmetric</c>, the embedding against the rebuilt row, or <c>codes</c>, code against code.</param>
/// <param name="Rerank">What ranked the shortlist.</param>
/// <param name="Rows">Rows that were searched.</param>
/// <param name="K">Most active components of a code.</param>
/// <param name="BytesPerVector">Bytes of a packed code.</param>
/// <param name="Results">What each query found, in the request's order.</param>
public sealed record SearchResponse(
    string Model, string ModelVersion, CodeCoding Coding, string Scoring, Rerank Rerank, int Rows, int K, int BytesPerVector, IReadOnlyList<QueryAnswer> Results);
