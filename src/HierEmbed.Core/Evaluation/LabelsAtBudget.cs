namespace HierEmbed.Core.Evaluation;

/// <summary>Label figures at one budget.</summary>
/// <param name="BudgetBytes">Bytes a row.</param>
/// <param name="Figures">Of decoded vectors.</param>
public sealed record LabelsAtBudget(int BudgetBytes, LabelFigures Figures);
