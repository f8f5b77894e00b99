using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;
using HierEmbed.Training.Losses;
using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training;

/// <summary>Measures a trained network on rows that it never saw.</summary>
public static class ModelEvaluation
{
    private const int BatchRows = 512;

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
        TrainedNetwork network, StandardScaler scaler, ResolvedRecipe recipe, RowMatrix rows, IReadOnlyList<int> ks)
    {
        TorchRuntime.Prepare();
        int[] ascending = [.. ks.Select(k => Math.Clamp(k, 1, network.LatentDims)).Distinct().Order()];
        ArgumentOutOfRangeException.ThrowIfLessThan(ascending.Length, 1, nameof(ks));
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Rows, 1, nameof(rows));
        ScaledRows scaled = ScaledRows.From(rows, scaler, recipe);
        double variance = scaled.Moments().TotalVariance * rows.Rows;
        var residuals = new double[ascending.Length];
        var active = new long[ascending.Length];
        var uses = new long[network.LatentDims];

        using var noGrad = no_grad();
        using NetworkParameters parameters = NetworkParameters.From(network);
        for (int first = 0; first < rows.Rows; first += BatchRows)
        {
            using var scope = NewDisposeScope();
            Tensor batch = scaled.Slice(first, Math.Min(BatchRows, rows.Rows - first));
            TopKSelection code = TopKSelection.From(TopKObjective.PreActivations(parameters, batch), ascending[^1], recipe.Recipe.Activation);
            Tensor[] errors = Errors(recipe.Recipe.Architecture, parameters, code, batch, ascending);
            LatentUses.Count(code, uses);
            for (int i = 0; i < ascending.Length; i++)
            {
                residuals[i] += errors[i].square().sum(ScalarType.Float64).item<double>();
                active[i] += code.Values.narrow(1, 0, ascending[i]).count_nonzero().item<long>();
            }
        }
        return new EvaluationFigures(
            [.. ascending.Select((k, i) => new MetricsAtK(k, variance > 0 ? residuals[i] / variance : 1, (double)active[i] / rows.Rows))],
            uses.Count(n => n == 0) / (double)network.LatentDims);
    }

    private static Tensor[] Errors(Architecture architecture, NetworkParameters parameters, TopKSelection code, Tensor rows, int[] ks)
    {
        if (architecture == Architecture.TopK)
            return TopKReconstruction.Residuals(code, rows, parameters.Decoder, parameters.DecoderBias, ks);
        return [.. ks.Select(k =>
        {
            Tensor z = zeros(rows.shape[0], parameters.EncoderBias.shape[0])
                .scatter_(1, code.Latents.narrow(1, 0, k), code.Values.narrow(1, 0, k));
            return SigmoidOutputObjective.Output(parameters, z) - rows;
        })];
    }
}
