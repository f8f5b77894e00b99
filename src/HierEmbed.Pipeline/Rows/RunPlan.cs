using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Pipeline.Rows;

/// <summary>What the fitting step fixed for the rest of a run: <c>plan.json</c>.</summary>
/// <param name="Recipe">The recipe with every size fixed.</param>
/// <param name="Seed">Seed of every random choice.</param>
/// <param name="Rows">Rows by use.</param>
/// <param name="ContentHash">SHA-256 of the packed rows, hex.</param>
/// <param name="Version">The model version that this run makes.</param>
/// <param name="Blocks">Packed blocks in the order that rows are counted in.</param>
/// <param name="ParentModel">The model that made the embeddings, where known.</param>
/// <param name="InputType">The input type that they were made with, where known.</param>
/// <param name="PackedHalf">Whether every block holds float16.</param>
/// <param name="LabelsProblem">Why the labels file beside the data adds nothing, where it does not; what it adds stands with the blocks.</param>
/// <param name="Labels">State of the labels files that it was made with; null where there were none.</param>
/// <param name="Sequence">The attempt that it was made for: a run that is started again makes another. Null in a plan of an earlier program.</param>
public sealed record RunPlan(
    ResolvedRecipe Recipe,
    long Seed,
    RowCounts Rows,
    string ContentHash,
    string Version,
    IReadOnlyList<PackedBlock> Blocks,
    string? ParentModel,
    string? InputType,
    bool PackedHalf = false,
    string? LabelsProblem = null,
    string? Labels = null,
    long? Sequence = null);
