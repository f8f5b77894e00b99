using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Network;
using HierEmbed.Training.Randomness;
using static TorchSharp.torch;

namespace HierEmbed.Training.Decomposition;

/// <summary>Iterative quantization (Gong and Lazebnik 2011): the rotation R that brings rows V nearest to the corners of the cube, minimizing |sign(VR) − VR|.</summary>
public static class IterativeQuantization
{
    /// <summary>Fits the rotation.</summary>
    /// <param name="rows">V, centred, along principal components, <c>[rows, dims]</c>.</param>
    /// <param name="dims">Length of a row: bits of a code.</param>
    /// <param name="iterations">Turns of signs for a rotation and a rotation for the signs.</param>
    /// <param name="seed">Draws the rotation to start from.</param>
    /// <returns>R, orthogonal, <c>[dims, dims]</c>, row-major: codes are the signs of V R.</returns>
    public static float[] Rotation(ReadOnlySpan<float> rows, int dims, int iterations, long seed)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor v = TorchRowProduct.Matrix(rows, dims);
        Tensor r = RandomRotation(dims, seed);
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            using var turn = NewDisposeScope();
            // Orthogonal Procrustes: of all rotations, V R is nearest to B for R = U Wᵀ, where U S Wᵀ is the SVD of Vᵀ B.
            Tensor signs = Products.Multiply(v, r).sign();
            (Tensor u, _, Tensor w) = linalg.svd(Products.Multiply(v.t(), signs), fullMatrices: false);
            NetworkParameters.Values(Products.Multiply(u, w)).CopyTo(NetworkParameters.Values(r));
        }
        return NetworkParameters.Values(r).ToArray();
    }

    /// <summary>Uniform over rotations: the orthogonal factor of a Gaussian matrix.</summary>
    private static Tensor RandomRotation(int dims, long seed)
    {
        var random = new SeededRandom(seed, RandomPurpose.Baselines, dims);
        Tensor gaussian = empty(dims, dims);
        foreach (ref float value in NetworkParameters.Values(gaussian))
            value = (float)random.NextGaussian();
        return linalg.qr(gaussian).Q.contiguous();
    }
}
