namespace HierEmbed.Core.Readers;

/// <summary>What a file holds.</summary>
/// <param name="Info">What the file says of itself.</param>
/// <param name="Rows">Rows that can be used.</param>
/// <param name="MinNorm">Shortest row.</param>
/// <param name="MeanNorm">Mean length of the rows.</param>
/// <param name="MaxNorm">Longest row.</param>
/// <param name="ZeroRows">Rows of zeros among them, or as good as that: a recipe that divides by a row's length rejects those.</param>
/// <param name="Duplicates">Rows among them that repeat an earlier one bit for bit.</param>
/// <param name="DuplicatesEstimated">Whether that is an estimate: past 3 million different rows.</param>
/// <param name="WithId">Rows with an id.</param>
/// <param name="WithText">Rows with a text or title.</param>
/// <param name="WithLabel">Rows with a label.</param>
/// <param name="Rejected">Rows that cannot be used.</param>
/// <param name="RejectedByReason">How many of them for which reason; reasons without any are left out.</param>
/// <param name="RejectedRows">The first of them, with reasons.</param>
public sealed record EmbeddingFileProfile(
    EmbeddingFileInfo Info, long Rows, double MinNorm, double MeanNorm, double MaxNorm, long ZeroRows, long Duplicates, bool DuplicatesEstimated, long WithId, long WithText, long WithLabel,
    long Rejected, IReadOnlyDictionary<string, long> RejectedByReason, IReadOnlyList<RejectedRow> RejectedRows)
{
    private const int BatchBytes = 4 * 1024 * 1024;

    /// <summary>Reads a file through, a batch at a time.</summary>
    /// <param name="reader">An open reader that has read nothing yet.</param>
    /// <param name="duplicates">Is given every row, once the file was read to its end; shared between the files of a dataset it counts what they repeat of each other.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="Errors.EmbeddingFileException">The file is malformed, has no rows, or too many were rejected.</exception>
    public static EmbeddingFileProfile Measure(IEmbeddingReader reader, DuplicateCounter? duplicates = null, CancellationToken cancellationToken = default)
    {
        int dims = reader.Info.Dims;
        var batch = new EmbeddingBatch(Math.Max(1, BatchBytes / (dims * sizeof(float))), dims, keepsLabels: false);
        var own = new DuplicateCounter();
        var rows = new RowStatistics();
        while (reader.Read(batch, cancellationToken))
        {
            rows = rows.And(RowStatistics.Of(batch));
            for (int row = 0; row < batch.Count; row++)
                own.Add(DuplicateCounter.HashOf(batch.Row(row)));
        }
        duplicates?.Add(own);
        return new(reader.Info, rows.Rows, rows.MinNorm, rows.Rows > 0 ? rows.NormSum / rows.Rows : 0, rows.MaxNorm, rows.ZeroRows, own.Count(), !own.IsExact,
            rows.WithId, rows.WithText, rows.WithLabel, reader.Rejections.Count, reader.Rejections.ByReason, reader.Rejections.Listed);
    }
}
