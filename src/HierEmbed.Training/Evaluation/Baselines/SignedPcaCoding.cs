using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Quantization;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Decomposition;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>The k principal components of largest magnitude: packed indices, signs, magnitudes on Lloyd–Max levels of the row's largest, and that one as a byte.</summary>
internal sealed class SignedPcaCoding : IDocumentCoding
{
    private const int ScaleBits = 8;

    private readonly PrincipalComponents components;
    private readonly ScalarQuantizer magnitudes;
    private readonly int k;

    private SignedPcaCoding(string method, int bytes, PrincipalComponents components, ScalarQuantizer magnitudes, int k)
    {
        this.components = components;
        this.magnitudes = magnitudes;
        this.k = k;
        Cost = new CodingCost(method, bytes, sizeof(float) * (((components.Dims + 1L) * components.Dims) + magnitudes.Levels.Length));
    }

    /// <inheritdoc />
    public CodingCost Cost { get; }

    /// <summary>Fits levels for as many components as the bytes hold.</summary>
    /// <param name="method">The method's name.</param>
    /// <param name="bytes">Bytes of a row.</param>
    /// <param name="valueBits">Bits of a value, its sign's among them, from 2.</param>
    /// <param name="components">The rotation.</param>
    /// <param name="rows">Training rows for the levels, <c>[rows, dims]</c>.</param>
    /// <returns>Null where the bytes hold no component.</returns>
    public static SignedPcaCoding? Fit(string method, int bytes, int valueBits, PrincipalComponents components, ReadOnlySpan<float> rows)
    {
        int k = 0;
        while (k < components.Dims && Bits(k + 1, valueBits, components.Dims) <= 8 * bytes)
            k++;
        if (k == 0)
            return null;
        var ratios = new List<float>();
        float[] coordinates = components.Transform(rows, components.Dims);
        var (indices, values, scratch) = (new int[k], new float[k], new ulong[components.Dims]);
        for (int at = 0; at < coordinates.Length; at += components.Dims)
        {
            int kept = StrongestLatents.Select(coordinates.AsSpan(at, components.Dims), CodeActivation.Signed, scratch, indices, values);
            for (int i = 0; i < kept; i++)
                ratios.Add(Math.Abs(values[i]) / CodeScale.Rounded(Math.Abs(values[0])));
        }
        if (ratios.Count == 0)
            return null;
        ratios.Sort();
        return new SignedPcaCoding(method, (Bits(k, valueBits, components.Dims) + 7) / 8, components, LloydMax.Fit(ratios.ToArray(), 1 << (valueBits - 1)), k);
    }

    /// <inheritdoc />
    public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded)
    {
        float[] coordinates = components.Transform(rows, components.Dims);
        var (indices, values, scratch) = (new int[k], new float[k], new ulong[components.Dims]);
        for (int at = 0; at < coordinates.Length; at += components.Dims)
        {
            Span<float> row = coordinates.AsSpan(at, components.Dims);
            int kept = StrongestLatents.Select(row, CodeActivation.Signed, scratch, indices, values);
            row.Clear();
            float scale = kept > 0 ? CodeScale.Rounded(Math.Abs(values[0])) : 0;
            for (int i = 0; i < kept; i++)
                row[indices[i]] = MathF.CopySign(scale * magnitudes.Nearest(Math.Abs(values[i]) / scale), values[i]);
        }
        components.InverseTransform(coordinates, components.Dims, decoded);
    }

    private static int Bits(int k, int valueBits, int dims) => IndexBits(k, dims) + (k * valueBits) + ScaleBits;

    /// <summary>The shortest of: indices of fixed length, Elias–Fano (Vigna 2013), one bit a dimension.</summary>
    private static int IndexBits(int k, int dims)
    {
        int low = Math.Max(0, (int)Math.Log2((double)dims / k));
        int eliasFano = (k * low) + k + (dims >> low) + 1;
        return Math.Min(Math.Min(k * (int)Math.Ceiling(Math.Log2(dims)), eliasFano), dims);
    }
}
