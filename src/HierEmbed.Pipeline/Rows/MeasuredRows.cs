using HierEmbed.Core.Models;
using HierEmbed.Training.Evaluation;

namespace HierEmbed.Pipeline.Rows;

/// <summary>Which rows a model is measured on, wherever it is measured.</summary>
internal static class MeasuredRows
{
    /// <summary>The test split; validation where that has hardly a row, and training rows where both have.</summary>
    /// <param name="rows">Rows of the training by use.</param>
    public static RowUse UseOf(RowCounts rows) =>
        rows.Test >= CodeEvaluation.MinRows ? RowUse.Test : rows.Validation >= CodeEvaluation.MinRows ? RowUse.Validation : RowUse.Train;
}
