using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;
using HierEmbed.Training.Optimization;
using static TorchSharp.torch;

namespace HierEmbed.Training.Evaluation;

/// <summary>Measures a network in training on held-out rows.</summary>
/// <param name="recipe">Batch size and prefixes.</param>
/// <param name="step">The network in training, and its loss.</param>
/// <param name="rows">Scaled validation rows.</param>
/// <param name="moments">Their moments.</param>
internal sealed class Validation(ResolvedRecipe recipe, ITrainingStep step, ScaledRows rows, RunningMoments moments)
{
    /// <summary>Σ over rows of |x' − mean|², the mean being these rows' own.</summary>
    private readonly double sumOfSquares = moments.TotalVariance * rows.Rows;

    // FVU = Σ|x' − r'|² / Σ|x' − mean|²
    // Batches are as large as in training: the notebook's activity penalty depends on it.
    public ValidationFigures Measure()
    {
        var uses = new long[recipe.LatentDims];
        double loss = 0, residual = 0;
        long active = 0;
        for (int first = 0; first < rows.Rows; first += recipe.Recipe.BatchRows)
        {
            using var scope = NewDisposeScope();
            int count = Math.Min(recipe.Recipe.BatchRows, rows.Rows - first);
            BatchFigures batch = step.Evaluate(rows.Slice(first, count), recipe.Prefixes, latentUses: uses);
            loss += batch.Loss * count;
            residual += batch.SquaresByK[^1];
            active += batch.ActiveByK[^1];
        }
        return new ValidationFigures(
            Loss: loss / rows.Rows,
            Fvu: sumOfSquares > 0 ? residual / sumOfSquares : 1,
            L0: (double)active / rows.Rows,
            DeadFraction: uses.Count(n => n == 0) / (double)recipe.LatentDims);
    }
}
