using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Evaluation;

namespace HierEmbed.Training.Evaluation.Codings;

/// <summary>Codes of pursuit with values that are not rounded.</summary>
/// <param name="coder">Codes rows.</param>
/// <param name="k">Most active components.</param>
internal sealed class PursuitCoding(PursuitCoder coder, int k) : IDocumentCoding
{
    private readonly ComponentCount count = new();

    /// <summary>L0 of what was coded so far.</summary>
    public double? MeanComponents => count.Mean;

    /// <inheritdoc />
    public CodingCost Cost { get; } = new("pursuit", CodeBytes.Unpacked(k), CodeBytes.Of(coder.Dictionary));

    /// <inheritdoc />
    public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded)
    {
        int dims = coder.Dictionary.InputDims;
        SparseCode[] codes = coder.Encode(rows, k);
        for (int row = 0; row < codes.Length; row++)
            coder.Dictionary.Decode(count.Of(codes[row]), decoded.Slice(row * dims, dims));
    }
}
