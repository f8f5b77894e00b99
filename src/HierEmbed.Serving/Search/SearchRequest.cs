using HierEmbed.Core.Search;

namespace HierEmbed.Serving.Search;

/// <summary>What search takes: one query, several, or a stored row as the query. A Cohere response can be posted as it is.</summary>
/// <param name="Query">One embedding, <c>[inputDims]</c>.</param>
/// <param name="Queries">Several, <c>[queries, inputDims]</c>.</param>
/// <param name="Row">The number of a stored row; it is left out of what is found.</param>
/// <param name="Id">The same by the row's id.</param>
/// <param name="TopK">Neighbours of a query; 10 if left out.</param>
/// <param name="ShortlistK">Rows of the shortlist.</param>
/// <param name="Oversampling">Rows of the shortlist for each neighbour, in place of shortlistK; 10 if left out.</param>
/// <param name="Rerank">full, by the stored vectors, where there are any; else codes.</param>
public sealed record SearchRequest(
    float[]? Query = null, float[][]? Queries = null, int? Row = null, string? Id = null, int? TopK = null, int? ShortlistK = null, int? Oversampling = null, Rerank? Rerank = null);
