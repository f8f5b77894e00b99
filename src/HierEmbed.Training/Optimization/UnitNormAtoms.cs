using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.Optimization;

/// <summary>Keeps each atom of the decoder on the unit sphere.</summary>
internal static class UnitNormAtoms
{
    // g_j ← g_j − (g_j · D_j) D_j: the part of the gradient along the atom would only be undone by the renormalization,
    // and Adam would remember it.
    /// <param name="gradient">g, changed in place, <c>[latentDims, inputDims]</c>.</param>
    /// <param name="decoder">D, rows of unit norm, <c>[latentDims, inputDims]</c>.</param>
    public static void RemoveParallel(Tensor gradient, Tensor decoder)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor along = (gradient * decoder).sum(dim: 1L, keepdim: true);
        gradient.addcmul_(along, decoder, -1);
    }

    // D_j ← D_j / ‖D_j‖
    public static void Renormalize(NetworkParameters parameters)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor norms = linalg.vector_norm(parameters.Decoder, 2, dims: [1], keepdim: true);
        parameters.Decoder.div_(norms);
    }
}
