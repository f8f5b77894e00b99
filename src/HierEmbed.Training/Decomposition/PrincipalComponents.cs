using System.Numerics.Tensors;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Network;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.Decomposition;

/// <summary>Principal component analysis (Pearson 1901): the rotation about the mean whose leading coordinates hold the most variance.</summary>
public sealed class PrincipalComponents
{
    private const int SliceRows = 4096;

    private PrincipalComponents(float[] mean, float[] components, double[] variances)
    {
        Mean = mean;
        Components = components;
        Variances = variances;
    }

    /// <summary>Length of a row.</summary>
    public int Dims => Mean.Length;

    /// <summary>Mean of the rows, <c>[dims]</c>.</summary>
    public float[] Mean { get; }

    /// <summary>Directions of unit length, one a row, by falling variance, <c>[dims, dims]</c>; the largest entry of each is positive.</summary>
    public float[] Components { get; }

    /// <summary>Variance of the rows along each, divided by their number, <c>[dims]</c>, from 0.</summary>
    public IReadOnlyList<double> Variances { get; }

    /// <summary>Fits the rotation, by the eigenvectors of the covariance in float64.</summary>
    /// <param name="rows"><c>[rows, dims]</c>, finite, from one row.</param>
    /// <param name="dims">Length of a row.</param>
    public static PrincipalComponents Fit(ReadOnlySpan<float> rows, int dims)
    {
        int count = rows.Length / dims;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(rows));
        float[] mean = MeanOf(rows, dims);

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor covariance = zeros(dims, dims, float64);
        for (int first = 0; first < count; first += SliceRows)
        {
            using var slice = NewDisposeScope();
            Tensor centred = TorchRowProduct.Matrix(rows.Slice(first * dims, Math.Min(SliceRows, count - first) * dims), dims) - tensor(mean);
            covariance.add_(Products.Multiply(centred.t(), centred).to_type(float64));
        }
        (double[] variances, float[] components) = Decompose(covariance / count);
        return new PrincipalComponents(mean, components, variances);
    }

    // C = V diag(λ) Vᵀ
    /// <summary>Eigenvalues and eigenvectors of a covariance or scatter matrix, by falling eigenvalue.</summary>
    /// <param name="symmetric">float64, <c>[dims, dims]</c>, positive semidefinite but for rounding.</param>
    /// <returns>Eigenvalues from 0, <c>[dims]</c>, and eigenvectors of unit length, one a row, <c>[dims, dims]</c>.</returns>
    /// <remarks>An eigenvector's sign is free: the component of largest magnitude is made positive, so that equal rows give equal axes.</remarks>
    internal static (double[] Values, float[] Vectors) Decompose(Tensor symmetric)
    {
        int dims = (int)symmetric.shape[0];
        (Tensor values, Tensor columns) = linalg.eigh(symmetric);
        double[] rising = [.. values.data<double>()], rows = [.. columns.t().contiguous().data<double>()];
        var vectors = new float[rows.Length];
        for (int i = 0; i < dims; i++)
        {
            ReadOnlySpan<double> row = rows.AsSpan((dims - 1 - i) * dims, dims);
            double sign = row[TensorPrimitives.IndexOfMaxMagnitude(row)] < 0 ? -1 : 1;
            for (int d = 0; d < dims; d++)
                vectors[(i * dims) + d] = (float)(sign * row[d]);
        }
        Array.Reverse(rising);
        return (Array.ConvertAll(rising, value => Math.Max(value, 0)), vectors);
    }

    /// <summary>Coordinates along the leading components: (x − mean)·componentᵀ.</summary>
    /// <param name="rows"><c>[rows, dims]</c>.</param>
    /// <param name="count">How many components, 1 to dims.</param>
    /// <returns><c>[rows, count]</c>.</returns>
    public float[] Transform(ReadOnlySpan<float> rows, int count)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor centred = TorchRowProduct.Matrix(rows, Dims) - tensor(Mean);
        return NetworkParameters.Values(Products.Multiply(centred, Leading(count).t())).ToArray();
    }

    /// <summary>Rows from coordinates: mean + coordinates·components.</summary>
    /// <param name="coordinates"><c>[rows, count]</c>.</param>
    /// <param name="count">How many components they are along, 1 to dims.</param>
    /// <param name="rows">Receives <c>[rows, dims]</c>.</param>
    public void InverseTransform(ReadOnlySpan<float> coordinates, int count, Span<float> rows)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor product = Products.Multiply(TorchRowProduct.Matrix(coordinates, count), Leading(count));
        NetworkParameters.Values(product.add_(tensor(Mean))).CopyTo(rows);
    }

    private Tensor Leading(int count) => TorchRowProduct.Matrix(Components.AsSpan(0, count * Dims), Dims);

    private static float[] MeanOf(ReadOnlySpan<float> rows, int dims)
    {
        var sums = new double[dims];
        for (int at = 0; at < rows.Length; at += dims)
        {
            for (int d = 0; d < dims; d++)
                sums[d] += rows[at + d];
        }
        int count = rows.Length / dims;
        return Array.ConvertAll(sums, sum => (float)(sum / count));
    }
}
