using System.Numerics.Tensors;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Core.Readers;

/// <summary>What is counted over usable rows. Statistics of parts merge to those of the whole.</summary>
public sealed record RowStatistics
{
    /// <summary>Rows.</summary>
    public long Rows { get; init; }

    /// <summary>Length of the shortest row; 0 where there is none.</summary>
    public double MinNorm { get; init; }

    /// <summary>Sum of the rows' lengths.</summary>
    public double NormSum { get; init; }

    /// <summary>Length of the longest row; 0 where there is none.</summary>
    public double MaxNorm { get; init; }

    /// <summary>Rows of zeros among them, or as good as that: a recipe that divides by a row's length rejects those.</summary>
    public long ZeroRows { get; init; }

    /// <summary>Rows with an id.</summary>
    public long WithId { get; init; }

    /// <summary>Rows with a text or title.</summary>
    public long WithText { get; init; }

    /// <summary>Rows with a label.</summary>
    public long WithLabel { get; init; }

    /// <summary>Statistics of a batch.</summary>
    public static RowStatistics Of(EmbeddingBatch batch)
    {
        long zeroRows = 0, ids = 0, texts = 0, labels = 0;
        double min = double.PositiveInfinity, sum = 0, max = 0;
        for (int row = 0; row < batch.Count; row++)
        {
            double norm = Norm(batch.Row(row));
            (min, max) = (Math.Min(min, norm), Math.Max(max, norm));
            sum += norm;
            zeroRows += norm < RowNormalization.MinNorm ? 1 : 0;
            RowLabels said = batch.Labels[row];
            ids += said.Id is null ? 0 : 1;
            texts += said.Text is null ? 0 : 1;
            labels += said.Label is null ? 0 : 1;
        }
        return new RowStatistics
        {
            Rows = batch.Count,
            MinNorm = batch.Count > 0 ? min : 0,
            NormSum = sum,
            MaxNorm = max,
            ZeroRows = zeroRows,
            WithId = ids,
            WithText = texts,
            WithLabel = labels,
        };
    }

    /// <summary>Statistics of these rows and others.</summary>
    public RowStatistics And(RowStatistics others) => this with
    {
        Rows = Rows + others.Rows,
        MinNorm = Rows == 0 ? others.MinNorm : others.Rows == 0 ? MinNorm : Math.Min(MinNorm, others.MinNorm),
        NormSum = NormSum + others.NormSum,
        MaxNorm = Math.Max(MaxNorm, others.MaxNorm),
        ZeroRows = ZeroRows + others.ZeroRows,
        WithId = WithId + others.WithId,
        WithText = WithText + others.WithText,
        WithLabel = WithLabel + others.WithLabel,
    };

    /// <summary>In float64 where float32 would overflow or lose the row: what is looked at need not be good.</summary>
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
