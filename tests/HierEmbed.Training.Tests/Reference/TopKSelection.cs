using HierEmbed.Core.Recipes;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests.Reference;

/// <summary>The k strongest latents of each row, strongest first: one sorted selection serves every smaller k.</summary>
/// <param name="Latents">Which, int64 <c>[batchRows, k]</c>.</param>
/// <param name="Values">z, with ReLU applied where the activation is ReLU, <c>[batchRows, k]</c>.</param>
internal sealed record TopKSelection(Tensor Latents, Tensor Values)
{
    /// <summary>z = ReLU(TopK_k(a)), or the k largest magnitudes with their sign.</summary>
    /// <param name="preActivations">a, <c>[batchRows, latents]</c>; a prefix of the latents selects inside that prefix.</param>
    /// <param name="k">Latents to keep, at most those there are.</param>
    /// <param name="activation">ReLU or signed.</param>
    public static TopKSelection From(Tensor preActivations, int k, CodeActivation activation)
    {
        if (activation == CodeActivation.Signed)
        {
            (Tensor magnitudes, Tensor largest) = preActivations.detach().abs().topk(k, dim: 1);
            magnitudes.Dispose();
            return new TopKSelection(largest, preActivations.gather(1, largest));
        }
        (Tensor values, Tensor latents) = preActivations.topk(k, dim: 1);
        return new TopKSelection(latents, values.relu());
    }
}
