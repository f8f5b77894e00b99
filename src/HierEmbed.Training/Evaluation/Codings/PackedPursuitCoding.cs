using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Evaluation;

namespace HierEmbed.Training.Evaluation.Codings;

/// <summary>Codes of pursuit as they are stored: each is packed into its bytes, and what is unpacked from them is rebuilt.</summary>
/// <param name="coder">Codes rows.</param>
/// <param name="format">How they are packed.</param>
public sealed class PackedPursuitCoding(PursuitCoder coder, PackedCodeFormat format) : IDocumentCoding
{
    /// <summary>The method's name in tables.</summary>
    public const string Method = "pursuit codes";

    private readonly PackedCodeWriter writer = new(format);
    private readonly PackedCodeReader reader = new(format);
    private readonly ComponentCount count = new();

    /// <summary>L0 of what was coded so far.</summary>
    public double? MeanComponents => count.Mean;

    /// <inheritdoc />
    public CodingCost Cost { get; } = new(Method, format.BytesPerVector, CodeBytes.Of(coder.Dictionary) + (sizeof(float) * format.Grid.Levels.Length));

    /// <inheritdoc />
    public void Reconstruct(ReadOnlySpan<float> rows, Span<float> decoded)
    {
        int dims = coder.Dictionary.InputDims;
        SparseCode[] codes = coder.Encode(rows, format);
        var packed = new byte[format.BytesPerVector];
        for (int row = 0; row < codes.Length; row++)
        {
            writer.Write(codes[row], packed);
            coder.Dictionary.Decode(count.Of(reader.Read(packed)), decoded.Slice(row * dims, dims));
        }
    }
}
