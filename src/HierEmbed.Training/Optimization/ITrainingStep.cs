using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.Optimization;

/// <summary>One optimizer step on a batch of scaled rows, however its gradients are computed.</summary>
internal interface ITrainingStep : IDisposable
{
    /// <summary>The network in training, changed in place by <see cref="Step"/>.</summary>
    NetworkParameters Parameters { get; }

    /// <summary>The optimizer's moments.</summary>
    AdamState Adam { get; }

    /// <summary>Computes the loss and its raw gradients and changes nothing.</summary>
    /// <param name="rows">x', <c>[batchRows, inputDims]</c>.</param>
    /// <param name="prefixes">Latent prefixes of this step.</param>
    /// <param name="latentUses">Where given, receives the uses of each latent by this batch on top of what it holds, <c>[latentDims]</c>.</param>
    BatchGradients ComputeGradients(Tensor rows, IReadOnlyList<int> prefixes, long[]? latentUses = null);

    /// <summary>Measures rows without any gradient.</summary>
    /// <param name="rows">x', <c>[batchRows, inputDims]</c>, no more rows than the recipe's batches have.</param>
    /// <param name="prefixes">Latent prefixes whose loss is counted too.</param>
    /// <param name="ks">Active components to measure at, ascending; null: those that the recipe trains.</param>
    /// <param name="latentUses">Where given, receives the uses of each latent of the whole network on top of what it holds, <c>[latentDims]</c>.</param>
    /// <param name="residuals">Where given, receives r' − x' at the largest k, <c>[batchRows, inputDims]</c>; TopK only.</param>
    BatchFigures Evaluate(Tensor rows, IReadOnlyList<int> prefixes, IReadOnlyList<int>? ks = null, long[]? latentUses = null, float[]? residuals = null);

    /// <summary>Computes gradients and updates the network.</summary>
    /// <param name="rows">x', <c>[batchRows, inputDims]</c>.</param>
    /// <param name="plan">Learning rate and prefixes.</param>
    /// <param name="latentUses">Receives the uses of each latent on top of what it holds, <c>[latentDims]</c>.</param>
    /// <returns>The loss before the update. Where it is not finite, nothing is updated.</returns>
    double Step(Tensor rows, StepPlan plan, long[] latentUses);
}
