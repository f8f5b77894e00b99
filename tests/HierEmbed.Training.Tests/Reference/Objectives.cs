using HierEmbed.Core.Recipes;

namespace HierEmbed.Training.Tests.Reference;

/// <summary>The loss of a recipe.</summary>
internal static class Objectives
{
    /// <param name="recipe">Says which loss.</param>
    /// <param name="totalVariance">V, total variance of the scaled training rows; TopK only.</param>
    public static IObjective For(ResolvedRecipe recipe, double totalVariance) => recipe.Recipe.Architecture switch
    {
        Architecture.SigmoidOutput => new SigmoidOutputObjective(recipe.OutputSlices, recipe.Recipe.ActivityPenalty),
        _ => new TopKObjective(recipe.Recipe, totalVariance),
    };
}
