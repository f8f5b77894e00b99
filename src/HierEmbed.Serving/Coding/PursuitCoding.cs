using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Serving.Coding;

/// <summary>Pursuit on the model's dictionary, of rows brought to unit length. Not thread-safe.</summary>
/// <param name="dictionary">The model's.</param>
/// <param name="threads">Threads that a call works on; 0: one a core.</param>
public sealed class PursuitCoding(LinearDecoder dictionary, int threads) : IRowCoding
{
    private readonly PursuitCoder coder = new(dictionary, threads);
    private float[] normalized = [];

    /// <inheritdoc />
    public CodeCoding Kind => CodeCoding.Pursuit;

    /// <inheritdoc />
    public int LatentDims => dictionary.LatentDims;

    /// <inheritdoc />
    public SparseCode[] Encode(ReadOnlySpan<float> rows, int count, int k) => coder.Encode(Normalize(rows, count), k);

    /// <inheritdoc />
    public SparseCode[] Encode(ReadOnlySpan<float> rows, int count, PackedCodeFormat format) => coder.Encode(Normalize(rows, count), format);

    private Span<float> Normalize(ReadOnlySpan<float> rows, int count)
    {
        if (normalized.Length < rows.Length)
            normalized = new float[rows.Length];
        int dims = dictionary.InputDims;
        for (int row = 0; row < count; row++)
            RowNormalization.L2Normalize(rows.Slice(row * dims, dims), normalized.AsSpan(row * dims, dims));
        return normalized.AsSpan(0, count * dims);
    }
}
