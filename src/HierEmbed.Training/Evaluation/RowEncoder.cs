using HierEmbed.Core.Codes;

namespace HierEmbed.Training.Evaluation;

/// <summary>Codes rows with a model's encoder.</summary>
/// <param name="rows">Raw rows, as they were trained on, <c>[rows, inputDims]</c>.</param>
/// <param name="rowCount">Number of rows.</param>
/// <param name="k">Most active components, 1 to latentDims.</param>
/// <returns>A code for each row, not scaled.</returns>
public delegate SparseCode[] RowEncoder(ReadOnlySpan<float> rows, int rowCount, int k);
