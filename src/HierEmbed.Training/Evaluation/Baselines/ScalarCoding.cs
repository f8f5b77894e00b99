using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Quantization;
using HierEmbed.Training.Decomposition;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>Each coordinate on levels of its own: of the row itself, or along principal components.</summary>
internal sealed class ScalarCoding : IDocumentCoding
{
    private readonly ScalarQuantizer[] quantizers;
    private readonly PrincipalComponents? rotation;

    /// <param name="method">The method's name.</param>
    /// <param name="columns">Fitted coordinates.</param>
    /// <param name="bits">Bits of each, <c>[dims]</c>: with none, the mean stands for every value.</param>
    /// <param name="rotation">What the coordinates are along; null for the row's own.</param>
    public ScalarCoding(string method, SortedColumns columns, int[] bits, PrincipalComponents? rotation)
    {
        this.rotation = rotation;
        // Along components everything that has no bits is 0 and needs neither levels nor its component.
        int used = rotation is null ? bits.Length : Array.FindLastIndex(bits, n => n > 0) + 1;
        quantizers = [.. bits.Take(Math.Max(used, 1)).Select((n, d) => columns.Quantizer(d, n))];
        long values = quantizers.Sum(q => (long)q.Levels.Length) + (rotation is null ? 0 : (long)bits.Length * (quantizers.Length + 1));
        Cost = new CodingCost(method, (bits.Sum() + 7) / 8, values * sizeof(float));
    }

    /// <inheritdoc />
    public CodingCost Cost { get; }

    /// <inheritdoc />
    public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded)
    {
        if (rotation is null)
        {
            rows.CopyTo(decoded);
            Quantize(decoded);
            return;
        }
        float[] coordinates = rotation.Transform(rows, quantizers.Length);
        Quantize(coordinates);
        rotation.InverseTransform(coordinates, quantizers.Length, decoded);
    }

    private void Quantize(Span<float> values)
    {
        for (int at = 0; at < values.Length; at += quantizers.Length)
        {
            for (int d = 0; d < quantizers.Length; d++)
                values[at + d] = quantizers[d].Nearest(values[at + d]);
        }
    }
}
