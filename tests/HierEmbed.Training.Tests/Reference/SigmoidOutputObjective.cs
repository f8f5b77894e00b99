using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.Tests.Reference;

/// <summary>The notebook's loss: mean squared errors nested over output slices, with an L1 penalty on the activations.</summary>
/// <param name="outputSlices">Lengths of the three nested slices, largest last.</param>
/// <param name="activityPenalty">λ; the penalty is not divided by the batch size, as Keras did until 2026.</param>
internal sealed class SigmoidOutputObjective(IReadOnlyList<int> outputSlices, double activityPenalty) : IObjective
{
    private static readonly double[] SliceWeights = [1, 0.5, 0.25];

    // z = ReLU(W x' + b),   o = σ(D z + c)
    // L = mse(o[:n₁], x'[:n₁]) + ½ mse(o[:n₂], x'[:n₂]) + ¼ mse(o, x') + λ Σ|z|
    public BatchLoss Evaluate(NetworkParameters parameters, Tensor rows, IReadOnlyList<int> prefixes)
    {
        Tensor z = TopKObjective.PreActivations(parameters, rows).relu(); // [batchRows, latentDims]
        Tensor residual = Output(parameters, z) - rows;                  // [batchRows, inputDims]
        Tensor squares = residual.square();
        Tensor loss = z.sum() * activityPenalty; // z ≥ 0, so Σ|z| = Σz
        for (int slice = 0; slice < outputSlices.Count; slice++)
            loss = loss + (squares.narrow(1, 0, outputSlices[slice]).mean() * SliceWeights[slice]);
        Tensor latents = arange(z.shape[1], dtype: ScalarType.Int64).expand(z.shape);
        return new BatchLoss(loss, residual, [new TopKSelection(latents, z)]);
    }

    /// <summary>o = σ(D z + c), <c>[batchRows, inputDims]</c>.</summary>
    public static Tensor Output(NetworkParameters parameters, Tensor z) =>
        addmm(parameters.DecoderBias, z, parameters.Decoder, 1, 1).sigmoid();
}
