using System.Numerics.Tensors;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Serving.Coding;

/// <summary>The model's encoder; values are scaled to unit length.</summary>
/// <param name="encoder">The model; it stays the caller's.</param>
/// <param name="prefix">Only the first so many latents; null: all.</param>
public sealed class EncoderCoding(EncoderModel encoder, int? prefix) : IRowCoding
{
    /// <inheritdoc />
    public CodeCoding Kind => CodeCoding.Encoder;

    /// <inheritdoc />
    public int LatentDims => prefix ?? encoder.LatentDims;

    /// <inheritdoc />
    public SparseCode[] Encode(ReadOnlySpan<float> rows, int count, int k)
    {
        SparseCode[] codes = encoder.EncodeToCodes(rows, count, k, prefix);
        foreach (SparseCode code in codes)
        {
            // In place: the codes were made here.
            if (code.Norm > 0)
                TensorPrimitives.Divide(code.Values, code.Norm, code.Values);
        }
        return codes;
    }

    /// <inheritdoc />
    public SparseCode[] Encode(ReadOnlySpan<float> rows, int count, PackedCodeFormat format) => Encode(rows, count, format.K);
}
