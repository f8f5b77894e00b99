using System.Numerics.Tensors;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Evaluation;
using HierEmbed.Training.ClosedForm;
using HierEmbed.Training.Decomposition;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>The signs of rotated principal components (Gong and Lazebnik 2011), times a scale of least error: each row's own as a byte, or one for all.</summary>
internal sealed class ItqCoding : IDocumentCoding
{
    private readonly PrincipalComponents components;
    private readonly float[] rotation, columns;
    private readonly int bits;
    private readonly float? sharedScale;

    /// <param name="method">The method's name.</param>
    /// <param name="components">What the signs are along, once turned.</param>
    /// <param name="rotation">R, <c>[bits, bits]</c>.</param>
    /// <param name="bits">Leading components: signs of a code.</param>
    /// <param name="scaleFrom">Training rows for the one scale, <c>[rows, dims]</c>; null for a scale for each row.</param>
    public ItqCoding(string method, PrincipalComponents components, float[] rotation, int bits, float[]? scaleFrom)
    {
        this.components = components;
        this.rotation = rotation;
        this.bits = bits;
        columns = new float[rotation.Length];
        for (int i = 0; i < rotation.Length; i++)
            columns[(i % bits * bits) + (i / bits)] = rotation[i];
        if (scaleFrom is not null)
            sharedScale = Scale(Turn(scaleFrom));
        Cost = new CodingCost(method, ((bits + 7) / 8) + (sharedScale is null ? 1 : 0), sizeof(float) * (rotation.LongLength + (components.Dims * (bits + 1L))));
    }

    /// <inheritdoc />
    public CodingCost Cost { get; }

    /// <inheritdoc />
    public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded)
    {
        float[] turned = Turn(rows), back = new float[turned.Length];
        for (int at = 0; at < turned.Length; at += bits)
        {
            Span<float> row = turned.AsSpan(at, bits);
            float scale = sharedScale ?? CodeScale.Rounded(Scale(row));
            foreach (ref float value in row)
                value = value >= 0 ? scale : -scale;
        }
        TorchRowProduct.Multiply(turned, rotation, bits, back);
        components.InverseTransform(back, bits, decoded);
    }

    /// <summary>V R, <c>[rows, bits]</c>.</summary>
    private float[] Turn(ReadOnlySpan<float> rows)
    {
        float[] v = components.Transform(rows, bits), turned = new float[v.Length];
        TorchRowProduct.Multiply(v, columns, bits, turned);
        return turned;
    }

    // |y − α sign(y)|² is least for α = mean |y|.
    private static float Scale(ReadOnlySpan<float> turned) => TensorPrimitives.SumOfMagnitudes(turned) / turned.Length;
}
