namespace HierEmbed.Core.Evaluation;

/// <summary>What decoded vectors still say of labels, beside the full vectors.</summary>
/// <param name="Classes">Number of classes.</param>
/// <param name="TrainRows">Rows that classifiers learnt from.</param>
/// <param name="TestRows">Rows that they were tried on.</param>
/// <param name="Full">The full vectors.</param>
/// <param name="ByBudget">Pursuit codes, decoded, by bytes a row.</param>
public sealed record LabelReport(int Classes, int TrainRows, int TestRows, LabelFigures Full, IReadOnlyList<LabelsAtBudget> ByBudget);
