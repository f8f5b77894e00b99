using System.Globalization;
using System.Numerics.Tensors;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Core.Readers;

/// <summary>Decides for every format alike which rows are taken and when a file is refused.</summary>
internal sealed class RowJudge(string file, ReaderOptions options)
{
    /// <summary>Rows left out so far.</summary>
    public RowRejections Rejections { get; private set; } = new();

    /// <summary>Takes a row or lists it as rejected.</summary>
    /// <param name="row">Row number in the file, from 0.</param>
    /// <param name="values">The row as read.</param>
    /// <param name="dims">Length of the file's rows; 0 where no row was taken yet.</param>
    public bool Accept(long row, ReadOnlySpan<float> values, int dims)
    {
        if (values.IsEmpty || (dims > 0 && values.Length != dims))
        {
            Rejections.Add(row, RejectionReason.WrongLength,
                string.Create(CultureInfo.InvariantCulture, $"{values.Length} values; expected {(dims > 0 ? dims : "at least 1")}"));
            return false;
        }
        if (!FiniteValues.All(values))
        {
            int at = FiniteValues.FirstOther(values);
            string found = float.IsNaN(values[at]) ? "NaN" : values[at] > 0 ? "infinity" : "-infinity";
            Rejections.Add(row, RejectionReason.NotFinite, string.Create(CultureInfo.InvariantCulture, $"{found} at dimension {at}"));
            return false;
        }
        if (options.RejectZeroRows && !HasLength(values))
        {
            bool tooLong = !(TensorPrimitives.Norm(values) < RowNormalization.MinNorm);
            Rejections.Add(row, tooLong ? RejectionReason.NotFinite : RejectionReason.ZeroRow,
                tooLong ? $"longer than {RowNormalization.MaxNorm:0e0}: float32 overflows when its length is squared"
                : values.IndexOfAnyExcept(0f) < 0 ? "all values are 0"
                : $"shorter than {RowNormalization.MinNorm:0e0}: too close to 0 to have a direction");
            return false;
        }
        return true;
    }

    /// <summary>Commits the rows of a block that was read straight into the batch, <see cref="EmbeddingBatch.NextRows"/>, and closes the gaps that rejected ones leave.</summary>
    /// <param name="batch">An empty batch, the block its first values.</param>
    /// <param name="block">The rows as read, <c>[rows, dims]</c>.</param>
    /// <param name="firstRow">Row number of the first, from 0.</param>
    public void Commit(EmbeddingBatch batch, Span<float> block, long firstRow)
    {
        int dims = batch.Dims;
        for (int i = 0; i < block.Length / dims; i++)
        {
            Span<float> row = block.Slice(i * dims, dims);
            // One pass over nearly every row: NaN, infinity and zeros all show in its length.
            if (HasLength(row) || Accept(firstRow + i, row, dims))
            {
                if (batch.Count < i)
                    row.CopyTo(block.Slice(batch.Count * dims, dims));
                batch.Commit(firstRow + i);
            }
        }
    }

    /// <summary>Whether the row can be divided by its length. No row with NaN or infinity can.</summary>
    private static bool HasLength(ReadOnlySpan<float> values) =>
        TensorPrimitives.Norm(values) is >= RowNormalization.MinNorm and <= RowNormalization.MaxNorm;

    /// <summary>Drops what was listed of rows before one that the reader was moved to.</summary>
    public void ForgetBefore(long row)
    {
        RejectedRow[] kept = [.. Rejections.Listed.Where(rejected => rejected.Row >= row)];
        Rejections = new RowRejections();
        foreach (RejectedRow rejected in kept)
            Rejections.Add(rejected.Row, rejected.Reason, rejected.Detail);
    }

    /// <summary>Judges the whole file at its end.</summary>
    /// <param name="rows">Rows of the file, rejected ones included.</param>
    /// <exception cref="EmbeddingFileException">It has no rows, or too many were rejected and the caller does not judge that.</exception>
    public void End(long rows)
    {
        if (rows == 0)
            throw new EmbeddingFileException(ProblemTypes.EmptyFile, file, "the file holds no rows; expected at least one embedding. Upload a file with embeddings.");
        if (options.MaxRejectedFraction is { } maxFraction)
            Rejections.ThrowIfTooMany(file, rows, maxFraction);
    }
}
