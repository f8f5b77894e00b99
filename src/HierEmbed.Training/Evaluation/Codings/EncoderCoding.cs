using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Evaluation;

namespace HierEmbed.Training.Evaluation.Codings;

/// <summary>Codes of the encoder, rebuilt by the dictionary.</summary>
/// <param name="encoder">Codes rows; those of a model with a dictionary may be of any length.</param>
/// <param name="dictionary">The model's.</param>
/// <param name="k">Most active components.</param>
internal sealed class EncoderCoding(RowEncoder encoder, LinearDecoder dictionary, int k) : IDocumentCoding
{
    private readonly ComponentCount count = new();

    /// <summary>L0 of what was coded so far.</summary>
    public double? MeanComponents => count.Mean;

    /// <inheritdoc />
    public CodingCost Cost { get; } = new("encoder", CodeBytes.Unpacked(k), CodeBytes.Of(dictionary));

    /// <inheritdoc />
    public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded)
    {
        int dims = dictionary.InputDims;
        SparseCode[] codes = encoder(rows, rows.Length / dims, k);
        for (int row = 0; row < codes.Length; row++)
            dictionary.DecodeEncoderCode(count.Of(codes[row]), decoded.Slice(row * dims, dims));
    }
}
