namespace HierEmbed.Core.Models;

/// <summary>How well stored codes of a length find the ten nearest, and what would do better.</summary>
/// <param name="BytesPerVector">Bytes a row.</param>
/// <param name="Recall10">Recall@10 of the model's packed pursuit codes, scored against dense queries.</param>
/// <param name="Recall10Reranked">The same after the first 100 are ranked again by full vectors; null where there are no more rows than that.</param>
/// <param name="BestMethod">The method of the highest recall@10 at these bytes.</param>
/// <param name="BestRecall10">Its recall@10.</param>
public sealed record RecallAtBudget(int BytesPerVector, double Recall10, double? Recall10Reranked, string BestMethod, double BestRecall10);
