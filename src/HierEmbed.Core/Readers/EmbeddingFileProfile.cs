using System.Numerics.Tensors;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Core.Readers;

/// <summary>What a file holds: rows, norms, rejections.</summary>
/// <param name="Info">What the file says of itself.</param>
/// <param name="Rows">Rows that can be used.</param>
/// <param name="MinNorm">Shortest row.</param>
/// <param name="MeanNorm">Mean length of the rows.</param>
/// <param name="MaxNorm">Longest row.</param>
/// <param name="ZeroRows">Rows of zeros among them, or as good as that: a recipe that divides by a row's length rejects those.</param>
/// <param name="Rejected">Rows that cannot be used.</param>
/// <param name="RejectedRows">The first of them, with reasons.</param>
public sealed record EmbeddingFileProfile(
    EmbeddingFileInfo Info, long Rows, double MinNorm, double MeanNorm, double MaxNorm, long ZeroRows, long Rejected, IReadOnlyList<RejectedRow> RejectedRows)
{
    private const int BatchBytes = 4 * 1024 * 1024;

    /// <summary>Reads a file through, a batch at a time.</summary>
    /// <param name="reader">An open reader that has read nothing yet.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="Errors.EmbeddingFileException">The file is malformed, has no rows, or too many were rejected.</exception>
    public static EmbeddingFileProfile Measure(IEmbeddingReader reader, CancellationToken cancellationToken = default)
    {
        int dims = reader.Info.Dims;
        var batch = new EmbeddingBatch(Math.Max(1, BatchBytes / (dims * sizeof(float))), dims);
        long rows = 0, zeroRows = 0;
        double min = double.PositiveInfinity, sum = 0, max = 0;
        while (reader.Read(batch, cancellationToken))
        {
            for (int row = 0; row < batch.Count; row++)
            {
                double norm = Norm(batch.Row(row));
                (min, max) = (Math.Min(min, norm), Math.Max(max, norm));
                sum += norm;
                zeroRows += norm < RowNormalization.MinNorm ? 1 : 0;
            }
            rows += batch.Count;
        }
        return new(reader.Info, rows, rows > 0 ? min : 0, rows > 0 ? sum / rows : 0, max, zeroRows, reader.Rejections.Count, reader.Rejections.Listed);
    }

    /// <summary>In float64 where float32 would overflow or lose the row: what is inspected need not be good.</summary>
    private static double Norm(ReadOnlySpan<float> row)
    {
        float norm = TensorPrimitives.Norm(row);
        if (norm is >= RowNormalization.MinNorm and <= RowNormalization.MaxNorm)
            return norm;
        double squares = 0;
        foreach (float value in row)
            squares += (double)value * value;
        return Math.Sqrt(squares);
    }
}
