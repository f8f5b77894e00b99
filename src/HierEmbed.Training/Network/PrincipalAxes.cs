using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Data;
using HierEmbed.Training.Decomposition;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.Network;

/// <summary>Atoms that are principal components of the training rows, which need not fit into memory.</summary>
internal static class PrincipalAxes
{
    // S = Σ (x' − μ)(x' − μ)ᵀ in float64, its eigenvectors by falling eigenvalue
    /// <summary>Computes the axes of largest variance.</summary>
    /// <param name="rows">Scaled rows.</param>
    /// <param name="mean">Their mean, <c>[inputDims]</c>.</param>
    /// <param name="axes">Receives one axis a row, of unit norm, by falling variance, <c>[latentDims, inputDims]</c>, latentDims no more than inputDims.</param>
    public static void Compute(ScaledRows rows, ReadOnlySpan<double> mean, Tensor axes)
    {
        using var scope = NewDisposeScope();
        Tensor centre = tensor(mean.ToArray());
        Tensor scatter = zeros(rows.Dims, rows.Dims, ScalarType.Float64);
        rows.VisitPieces(piece =>
        {
            using var pieceScope = NewDisposeScope();
            Tensor deviations = tensor(piece.ToArray()).reshape(-1, rows.Dims).to_type(ScalarType.Float64).sub_(centre);
            scatter.add_(Products.Multiply(deviations.t(), deviations));
        });
        float[] vectors = PrincipalComponents.Decompose(scatter).Vectors;
        Span<float> values = NetworkParameters.Values(axes);
        vectors.AsSpan(0, values.Length).CopyTo(values);
    }
}
