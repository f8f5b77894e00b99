using HierEmbed.Core.Recipes;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Network;

namespace HierEmbed.Training.Optimization;

/// <summary>Chooses how a recipe's gradients are computed.</summary>
internal static class TrainingSteps
{
    /// <param name="recipe">What is trained.</param>
    /// <param name="totalVariance">V, total variance of the scaled training rows.</param>
    /// <param name="parameters">Where it starts; taken over.</param>
    /// <param name="threads">Threads of one step; 0: as many as there are cores, 4 at most.</param>
    public static ITrainingStep For(ResolvedRecipe recipe, double totalVariance, NetworkParameters parameters, int threads) => recipe.Recipe.Architecture switch
    {
        Architecture.SigmoidOutput => new ClosedFormSigmoidStep(recipe, parameters),
        Architecture.PrincipalAxes => new UntrainedStep(TopK(recipe, totalVariance, parameters, threads)),
        _ => TopK(recipe, totalVariance, parameters, threads),
    };

    private static ClosedFormTopKStep TopK(ResolvedRecipe recipe, double totalVariance, NetworkParameters parameters, int threads) =>
        new(recipe, totalVariance, parameters, threads > 0 ? threads : Math.Min(Environment.ProcessorCount, 4), PackedMatrix.IsFaster);
}
