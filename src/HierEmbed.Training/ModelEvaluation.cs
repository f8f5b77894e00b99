using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;
using HierEmbed.Training.Network;
using HierEmbed.Training.Optimization;
using static TorchSharp.torch;

namespace HierEmbed.Training;

/// <summary>Measures a trained network on rows that it never saw.</summary>
public static class ModelEvaluation
{
    // FVU_k = Σ|x' − r'_k|² / Σ|x' − mean|², in scaled space, the mean being the measured rows' own: a code without components that
    // only knew that mean would score 1.
    /// <summary>Measures codes truncated to each k.</summary>
    /// <param name="network">The network.</param>
    /// <param name="scaler">Its scaler.</param>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="rows">Raw rows, <c>[rows, inputDims]</c>, at least one.</param>
    /// <param name="ks">Active components to keep; each is limited to latentDims.</param>
    /// <returns>Figures for each k in ascending order, each k once, and the share of latents that no row activates at the largest.</returns>
    public static EvaluationFigures Measure(
        TrainedNetwork network, StandardScaler scaler, ResolvedRecipe recipe, IRowSource rows, IReadOnlyList<int> ks)
    {
        int[] ascending = [.. ks.Select(k => Math.Clamp(k, 1, network.LatentDims)).Distinct().Order()];
        ArgumentOutOfRangeException.ThrowIfLessThan(ascending.Length, 1, nameof(ks));
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Rows, 1, nameof(rows));
        ScaledRows scaled = ScaledRows.From(rows, scaler, recipe, inMemory: false);
        double variance = scaled.Moments().TotalVariance * rows.Rows;
        var residuals = new double[ascending.Length];
        var active = new long[ascending.Length];
        var uses = new long[network.LatentDims];

        using ITrainingStep step = TrainingSteps.For(recipe, 1, NetworkParameters.From(network), threads: 0);
        int batchRows = recipe.Recipe.BatchRows;
        for (int first = 0; first < rows.Rows; first += batchRows)
        {
            using var scope = NewDisposeScope();
            BatchFigures batch = step.Evaluate(scaled.Slice(first, Math.Min(batchRows, rows.Rows - first)), [], ascending, uses);
            for (int i = 0; i < ascending.Length; i++)
            {
                residuals[i] += batch.SquaresByK[i];
                active[i] += batch.ActiveByK[i];
            }
        }
        return new EvaluationFigures(
            [.. ascending.Select((k, i) => new MetricsAtK(k, variance > 0 ? residuals[i] / variance : 1, (double)active[i] / rows.Rows))],
            uses.Count(n => n == 0) / (double)network.LatentDims);
    }
}
