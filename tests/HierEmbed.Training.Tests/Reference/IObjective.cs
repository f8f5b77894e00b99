using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests.Reference;

/// <summary>A loss as a pure function of parameters and rows.</summary>
internal interface IObjective
{
    /// <summary>Computes the loss; differentiable where the parameters require gradients.</summary>
    /// <param name="parameters">The network.</param>
    /// <param name="rows">x', <c>[batchRows, inputDims]</c>.</param>
    /// <param name="prefixes">Latent prefixes whose loss is averaged and added; empty: none.</param>
    BatchLoss Evaluate(NetworkParameters parameters, Tensor rows, IReadOnlyList<int> prefixes);
}
