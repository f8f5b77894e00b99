using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Quantization;

namespace HierEmbed.Training.Evaluation.Baselines;

/// <summary>A product quantizer's bytes.</summary>
/// <param name="method">The method's name.</param>
/// <param name="quantizer">Codes and decodes.</param>
internal sealed class ProductQuantizerCoding(string method, ProductQuantizer quantizer) : IDocumentCoding
{
    /// <inheritdoc />
    public CodingCost Cost { get; } = new(method, quantizer.Parts, (long)quantizer.CodebookValues * sizeof(float));

    /// <inheritdoc />
    public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded)
    {
        var code = new byte[quantizer.Parts];
        for (int at = 0; at < rows.Length; at += quantizer.Dims)
        {
            quantizer.Encode(rows.Slice(at, quantizer.Dims), code);
            quantizer.Decode(code, decoded.Slice(at, quantizer.Dims));
        }
    }
}
