using System.Text.Json.Serialization;

namespace HierEmbed.Core.Evaluation;

/// <summary>How well one way to store documents finds the exact neighbours by full cosine.</summary>
public sealed record RetrievalFigures
{
    /// <summary>The method and what it stores.</summary>
    public required CodingCost Cost { get; init; }

    /// <summary>Mean share of the exact ten nearest among the first ten.</summary>
    public required double Recall10 { get; init; }

    /// <summary>The same of a hundred; null where there are hardly more rows than that, and any ranking finds them.</summary>
    public double? Recall100 { get; init; }

    /// <summary>Recall@10 after rerank, for each shortlist that is shorter than the rows.</summary>
    public required IReadOnlyList<RerankedRecall> Reranked { get; init; }

    /// <summary>Spearman's ρ of scores against full cosine, over a sample of pairs across queries; null where all scores are equal.</summary>
    public double? Spearman { get; init; }

    /// <summary>Residual over total variance of the rows, both in the space of L2-normalized rows; null for a method that rebuilds none.</summary>
    public double? Fvu { get; init; }

    /// <summary>Most active components of a row's code; null for a baseline.</summary>
    public int? K { get; init; }

    /// <summary>L0: mean active components that rows' codes have; null for a baseline.</summary>
    public double? L0 { get; init; }

    /// <summary>Recall@10 of each query, in the evaluation's order: for comparisons, kept in memory alone.</summary>
    [JsonIgnore]
    public IReadOnlyList<float> Recall10ByQuery { get; init; } = [];

    /// <summary>The first ten rows of each query's ranking, best first, in the evaluation's order: for examples, kept in memory alone.</summary>
    [JsonIgnore]
    public IReadOnlyList<IReadOnlyList<int>> First10ByQuery { get; init; } = [];
}
