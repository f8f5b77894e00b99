using HierEmbed.Core.Codes;

namespace HierEmbed.Core.Search;

/// <summary>What is searched for.</summary>
/// <param name="Vector">The embedding, of any length but zero, <c>[inputDims]</c>; null: there is only a code.</param>
/// <param name="Code">Its code by the model's encoder; needed where the index holds such codes.</param>
/// <param name="Row">A row that is left out, because it is the query; null: none.</param>
public sealed record SearchQuery(float[]? Vector, SparseCode? Code = null, int? Row = null);
