using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Training.Evaluation;

/// <summary>What an evaluation needs of a model.</summary>
/// <param name="Recipe">What was trained.</param>
/// <param name="Encoder">Its encoder.</param>
/// <param name="Dictionary">Its dictionary; null for a model that rebuilds no unit row from a sum of atoms (recipe <c>seed</c>): its codes are compared by their cosine.</param>
/// <param name="Packing">The formats that it is published with; null, or a length missing: fitted on training rows.</param>
public sealed record EvaluatedModel(ResolvedRecipe Recipe, RowEncoder Encoder, LinearDecoder? Dictionary, PackingTable? Packing);
