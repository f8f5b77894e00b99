using HierEmbed.Core.Recipes;
using HierEmbed.Training.Losses;
using HierEmbed.Training.Network;

namespace HierEmbed.Training.Optimization;

/// <summary>Chooses how a recipe's gradients are computed.</summary>
internal static class TrainingSteps
{
    /// <param name="recipe">What is trained.</param>
    /// <param name="objective">Its loss.</param>
    /// <param name="parameters">Where it starts; taken over.</param>
    public static ITrainingStep For(ResolvedRecipe recipe, IObjective objective, NetworkParameters parameters) =>
        new AutogradStep(recipe, objective, parameters);
}
