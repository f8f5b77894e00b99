using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HierEmbed.Training.Tests.Reference;

/// <summary>Reads a sparse code back at several k at once.</summary>
internal static class TopKReconstruction
{
    /// <summary>Residuals r_k − x' for each k, every one <c>[batchRows, inputDims]</c>.</summary>
    /// <param name="selection">The strongest latents, strongest first, as many as the largest k.</param>
    /// <param name="rows">x', <c>[batchRows, inputDims]</c>.</param>
    /// <param name="decoder">D, <c>[latentDims, inputDims]</c>.</param>
    /// <param name="decoderBias">c, <c>[inputDims]</c>.</param>
    /// <param name="ks">Ascending; the last is the selection's width.</param>
    /// <remarks>
    /// The components between one k and the next form a group, and a row's groups are bags of decoder rows:
    /// r_k = c + Σ_{groups up to k} Σ_{j in group} z_j D_j. Each component is read once, whatever the number of ks, and only
    /// k rows of D are touched.
    /// </remarks>
    public static Tensor[] Residuals(TopKSelection selection, Tensor rows, Tensor decoder, Tensor decoderBias, IReadOnlyList<int> ks)
    {
        long batchRows = rows.shape[0];
        using Tensor starts = tensor(ks.SkipLast(1).Prepend(0).Select(k => (long)k).ToArray());
        using Tensor firsts = arange(batchRows, dtype: ScalarType.Int64).mul_(ks[^1]).unsqueeze(1);
        Tensor offsets = (firsts + starts).reshape(-1);
        // The module shares the decoder's storage and gradient; making it sets requires_grad, hence freeze.
        using var bags = EmbeddingBag_from_pretrained(decoder, freeze: !decoder.requires_grad, mode: EmbeddingBagMode.Sum);
        Tensor groups = bags.call(selection.Latents.reshape(-1), offsets, selection.Values.reshape(-1))
            .view(batchRows, ks.Count, rows.shape[1]);

        var residuals = new Tensor[ks.Count];
        Tensor residual = decoderBias - rows;
        for (int group = 0; group < ks.Count; group++)
            residuals[group] = residual = residual + groups.select(1, group);
        return residuals;
    }
}
