using System.Numerics.Tensors;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Training.Evaluation.Codings;

/// <summary>Scores rows by the cosine of encoder codes, as <c>similarity</c> does: those of queries at k, those of documents at k too, or as they are packed.</summary>
internal sealed class CodeCosines
{
    private const int BlockRows = 64;

    private readonly NormalizedRows rows;
    private readonly RowEncoder encoder;
    private readonly int k, queries, threads;
    private readonly PackedCodeFormat? format;
    private readonly float[] byLatent;
    private readonly ComponentCount count = new();

    /// <param name="rows">Test rows.</param>
    /// <param name="queryRows">Which of them are queries.</param>
    /// <param name="encoder">Codes rows.</param>
    /// <param name="latentDims">Length of a code.</param>
    /// <param name="k">Most active components.</param>
    /// <param name="format">How documents' codes are packed; null: they are not.</param>
    /// <param name="threads">At most so many at a time.</param>
    public CodeCosines(NormalizedRows rows, IReadOnlyList<int> queryRows, RowEncoder encoder, int latentDims, int k, PackedCodeFormat? format, int threads)
    {
        (this.rows, this.encoder, this.k, this.format, this.threads, queries) = (rows, encoder, k, format, threads, queryRows.Count);
        byLatent = new float[checked(latentDims * queries)];
        var raw = new float[rows.Dims];
        for (int q = 0; q < queries; q++)
        {
            rows.ReadRaw(queryRows[q], raw);
            SparseCode code = CodeTruncation.ToUnitNorm(encoder(raw, 1, k)[0]);
            for (int i = 0; i < code.Indices.Length; i++)
                byLatent[(code.Indices[i] * queries) + q] = code.Values[i];
        }
    }

    /// <summary>L0 of the rows that were scored so far.</summary>
    public double? MeanComponents => count.Mean;

    /// <summary>Scores every query against consecutive rows; 0 where a code has no component.</summary>
    public void Score(int first, ReadOnlySpan<float> normalized, Span<float> scores)
    {
        int scored = normalized.Length / rows.Dims;
        // Raw: an encoder that does not normalize tells a row's length.
        var raw = new float[normalized.Length];
        rows.ReadRaw(first, raw);
        SparseCode[] codes = Array.ConvertAll(encoder(raw, scored, k), code => count.Of(Stored(code)));
        var byRow = new float[scored * queries];
        Parallel.For(0, (scored + BlockRows - 1) / BlockRows, new ParallelOptions { MaxDegreeOfParallelism = threads }, block =>
        {
            for (int row = block * BlockRows; row < Math.Min(scored, (block + 1) * BlockRows); row++)
            {
                Span<float> sums = byRow.AsSpan(row * queries, queries);
                for (int i = 0; i < codes[row].Indices.Length; i++)
                    TensorPrimitives.MultiplyAdd(byLatent.AsSpan(codes[row].Indices[i] * queries, queries), codes[row].Values[i], sums, sums);
            }
        });
        for (int q = 0; q < queries; q++)
        {
            for (int row = 0; row < scored; row++)
                scores[(q * scored) + row] = byRow[(row * queries) + q];
        }
    }

    private SparseCode Stored(SparseCode code)
    {
        if (format is null)
            return CodeTruncation.ToUnitNorm(code);
        var packed = new byte[format.BytesPerVector];
        new PackedCodeWriter(format).Write(CodeTruncation.ToUnitNorm(code), packed);
        return CodeTruncation.ToUnitNorm(new PackedCodeReader(format).Read(packed));
    }
}
