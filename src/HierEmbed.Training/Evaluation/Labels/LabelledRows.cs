namespace HierEmbed.Training.Evaluation.Labels;

/// <summary>Rows and the class of each.</summary>
/// <param name="Values">L2-normalized, <c>[rows, dims]</c>.</param>
/// <param name="Classes">Class numbers from 0, <c>[rows]</c>.</param>
internal sealed record LabelledRows(float[] Values, int[] Classes);
