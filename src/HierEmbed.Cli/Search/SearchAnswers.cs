using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Search;

namespace HierEmbed.Cli.Search;

/// <summary>What <c>search --json</c> prints.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="Coding">How the corpus' codes were made.</param>
/// <param name="Scoring">How they are scored: <c>asymmetric</c>, the embedding against the rebuilt row, or <c>codes</c>, code against code.</param>
/// <param name="Rerank">What ranks the shortlist.</param>
/// <param name="Rows">Rows of the corpus.</param>
/// <param name="K">Most active components of a code.</param>
/// <param name="BytesPerVector">Bytes of a packed code.</param>
/// <param name="Results">What each query found.</param>
internal sealed record SearchAnswers(
    string ModelId, CodeCoding Coding, string Scoring, Rerank Rerank, int Rows, int K, int BytesPerVector, IReadOnlyList<QueryAnswer> Results);
