namespace HierEmbed.Core.Models;

/// <summary>Rows of a dataset by their use.</summary>
/// <param name="Train">Rows trained on.</param>
/// <param name="Validation">Rows for early stopping.</param>
/// <param name="Test">Rows for evaluation only.</param>
/// <param name="Rejected">Rows left out.</param>
public sealed record RowCounts(long Train, long Validation, long Test, long Rejected)
{
    /// <summary>Rows that were kept.</summary>
    public long Total => Train + Validation + Test;
}
