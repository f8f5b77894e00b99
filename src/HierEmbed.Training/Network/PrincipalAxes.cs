using System.Numerics.Tensors;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Data;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.Network;

/// <summary>Principal component analysis (Pearson 1901) by the eigenvectors of the covariance.</summary>
internal static class PrincipalAxes
{
    // S = Σ (x' − μ)(x' − μ)ᵀ in float64;   S = V diag(λ) Vᵀ;   axis_i = V[:, i], λ falling
    /// <summary>Computes the axes of largest variance.</summary>
    /// <param name="rows">Scaled rows.</param>
    /// <param name="mean">Their mean, <c>[inputDims]</c>.</param>
    /// <param name="axes">Receives one axis a row, of unit norm, by falling variance, <c>[latentDims, inputDims]</c>, latentDims no more than inputDims.</param>
    /// <remarks>An eigenvector's sign is free: the component of largest magnitude is made positive, so that equal rows give equal axes.</remarks>
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
        (_, Tensor vectors) = linalg.eigh(scatter);
        double[] columns = vectors.t().contiguous().data<double>().ToArray(); // one eigenvector a row, by rising eigenvalue
        for (int axis = 0; axis < axes.shape[0]; axis++)
        {
            ReadOnlySpan<double> vector = columns.AsSpan((rows.Dims - 1 - axis) * rows.Dims, rows.Dims);
            double sign = vector[TensorPrimitives.IndexOfMaxMagnitude(vector)] < 0 ? -1 : 1;
            Span<float> row = NetworkParameters.Row(axes, axis);
            for (int dim = 0; dim < row.Length; dim++)
                row[dim] = (float)(sign * vector[dim]);
        }
    }
}
