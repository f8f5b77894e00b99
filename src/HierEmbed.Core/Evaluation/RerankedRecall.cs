namespace HierEmbed.Core.Evaluation;

/// <summary>Recall@10 when the first of a ranking are ranked again by full cosine: the share of the true ten that the shortlist holds.</summary>
/// <param name="Shortlist">Rows ranked again.</param>
/// <param name="Recall10">Mean over the queries.</param>
public sealed record RerankedRecall(int Shortlist, double Recall10);
