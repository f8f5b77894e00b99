using HierEmbed.Core.Recipes;
using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests.Reference;

/// <summary>The loss of the TopK autoencoder, nested over k and, for <c>matryoshka</c>, over latent prefixes.</summary>
/// <param name="recipe">trainKs and their weights, activation, weight of the prefixes.</param>
/// <param name="totalVariance">V, total variance of the scaled training rows.</param>
internal sealed class TopKObjective(Recipe recipe, double totalVariance) : IObjective
{
    // L = L_latentDims + prefixWeight · mean over prefixes p of L_p,   L_p = Σ_k w_k · |x' − r_k|² / V, mean over the batch, w_k ∝ k^−kWeightPower, adding up to 1
    // The mean makes a prefix drawn at each step an unbiased estimate of all of them.
    public BatchLoss Evaluate(NetworkParameters parameters, Tensor rows, IReadOnlyList<int> prefixes)
    {
        Tensor a = PreActivations(parameters, rows);
        (Tensor loss, Tensor residual, TopKSelection code) = Nested(parameters, a, rows, recipe.TrainKs);
        var codes = new List<TopKSelection> { code };
        foreach (int prefix in prefixes)
        {
            (Tensor prefixLoss, _, TopKSelection prefixCode) =
                Nested(parameters, a.narrow(1, 0, prefix), rows, KsInside(prefix, recipe.TrainKs));
            loss = loss + (prefixLoss * (recipe.PrefixWeight / prefixes.Count));
            codes.Add(prefixCode);
        }
        return new BatchLoss(loss, residual, codes);
    }

    /// <summary>a = W x' + b, <c>[batchRows, latentDims]</c>.</summary>
    public static Tensor PreActivations(NetworkParameters parameters, Tensor rows) =>
        addmm(parameters.EncoderBias, rows, parameters.Encoder.t(), 1, 1);

    /// <summary>min(k, p / 2), at least 1, each once: a prefix is never asked for more than half of its latents.</summary>
    public static IReadOnlyList<int> KsInside(int prefix, IReadOnlyList<int> ks) =>
        [.. ks.Select(k => Math.Max(1, Math.Min(k, prefix / 2))).Distinct()];

    private (Tensor Loss, Tensor Residual, TopKSelection Code) Nested(
        NetworkParameters parameters, Tensor a, Tensor rows, IReadOnlyList<int> ks)
    {
        TopKSelection code = TopKSelection.From(a, ks[^1], recipe.Activation);
        Tensor[] residuals = TopKReconstruction.Residuals(code, rows, parameters.Decoder, parameters.DecoderBias, ks);
        double sum = ks.Sum(k => Math.Pow(k, -recipe.KWeightPower));
        Tensor squares = residuals.Select((r, i) => r.square().sum() * (Math.Pow(ks[i], -recipe.KWeightPower) / sum)).Aggregate((x, y) => x + y);
        return (squares / (rows.shape[0] * totalVariance), residuals[^1], code);
    }
}
