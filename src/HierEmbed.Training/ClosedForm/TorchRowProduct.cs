using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.ClosedForm;

/// <summary>Products of rows in ordinary memory, by Torch, as the calling thread's work alone.</summary>
public static class TorchRowProduct
{
    /// <summary>Writes c = a·bᵀ.</summary>
    /// <param name="a"><c>[aRows, dims]</c>, row-major.</param>
    /// <param name="b"><c>[bRows, dims]</c>, row-major.</param>
    /// <param name="dims">Length of a row.</param>
    /// <param name="c">Receives <c>[aRows, bRows]</c>.</param>
    public static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int dims, Span<float> c)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        NetworkParameters.Values(Products.MultiplyByTorch(Matrix(a, dims), Matrix(b, dims).t())).CopyTo(c);
    }

    /// <summary>A copy of rows as a tensor, <c>[rows, dims]</c>.</summary>
    internal static Tensor Matrix(ReadOnlySpan<float> rows, int dims)
    {
        Tensor matrix = empty(rows.Length / dims, dims);
        rows.CopyTo(NetworkParameters.Values(matrix));
        return matrix;
    }
}
