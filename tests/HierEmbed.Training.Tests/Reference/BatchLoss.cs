using static TorchSharp.torch;

namespace HierEmbed.Training.Tests.Reference;

/// <summary>What a loss computes on one batch.</summary>
/// <param name="Loss">The loss, a scalar.</param>
/// <param name="Residual">r' − x' at the largest k, <c>[batchRows, inputDims]</c>.</param>
/// <param name="Codes">The codes of the whole network first, then those of each prefix.</param>
internal sealed record BatchLoss(Tensor Loss, Tensor Residual, IReadOnlyList<TopKSelection> Codes);
