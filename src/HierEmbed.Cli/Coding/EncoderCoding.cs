using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Cli.Coding;

/// <summary>The model's encoder; values are scaled to unit length.</summary>
internal sealed class EncoderCoding(EncoderModel encoder, int? prefix) : IRowCoding
{
    public CodeCoding Kind => CodeCoding.Encoder;

    public int LatentDims => prefix ?? encoder.LatentDims;

    public SparseCode[] Encode(ReadOnlySpan<float> rows, int count, int k) =>
        Array.ConvertAll(encoder.EncodeToCodes(rows, count, k, prefix), CodeTruncation.ToUnitNorm);

    public SparseCode[] Encode(ReadOnlySpan<float> rows, int count, PackedCodeFormat format) => Encode(rows, count, format.K);
}
