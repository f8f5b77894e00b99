using System.Numerics.Tensors;

namespace HierEmbed.Training.Export;

/// <summary>An encoder's weights as whole numbers of 7 bits, with a scale for each latent: W ≈ scale_j · q_j.</summary>
/// <param name="Values">q, −63 to 63, <c>[inputDims, latentDims]</c>: as ONNX multiplies them.</param>
/// <param name="Scales">One for each latent, <c>[latentDims]</c>; 1 where all weights are 0.</param>
internal sealed record QuantizedWeights(sbyte[] Values, float[] Scales)
{
    /// <summary>
    /// Seven bits, not eight: processors with AVX2 and without VNNI add two products of 8-bit numbers into 16 bits, where 2 · 255 · 63 fits and
    /// 2 · 255 · 127 is cut off. With the eighth bit the same graph would give other codes on other machines.
    /// </summary>
    public const int Most = 63;

    // scale_j = max_i |W_ji| / 63;   q_ji = W_ji / scale_j, rounded half to even
    /// <summary>Rounds weights.</summary>
    /// <param name="weights">W, <c>[latentDims, inputDims]</c>.</param>
    /// <param name="latentDims">Rows of W.</param>
    /// <param name="inputDims">Columns of W.</param>
    public static QuantizedWeights Round(ReadOnlySpan<float> weights, int latentDims, int inputDims)
    {
        var values = new sbyte[latentDims * inputDims];
        var scales = new float[latentDims];
        for (int latent = 0; latent < latentDims; latent++)
        {
            ReadOnlySpan<float> row = weights.Slice(latent * inputDims, inputDims);
            float largest = TensorPrimitives.MaxMagnitude(row);
            scales[latent] = MathF.Abs(largest) > 0 ? MathF.Abs(largest) / Most : 1;
            for (int dim = 0; dim < inputDims; dim++)
                values[(dim * latentDims) + latent] = (sbyte)Math.Clamp(MathF.Round(row[dim] / scales[latent]), -Most, Most);
        }
        return new QuantizedWeights(values, scales);
    }
}
