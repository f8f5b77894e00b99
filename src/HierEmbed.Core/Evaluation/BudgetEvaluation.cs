namespace HierEmbed.Core.Evaluation;

/// <summary>What was measured at one budget: a part of an <see cref="EvaluationReport"/> that is measured, and stored, on its own.</summary>
public sealed record BudgetEvaluation
{
    /// <summary>Bytes a row.</summary>
    public required int BudgetBytes { get; init; }

    /// <summary>The model's codes and every baseline; empty where the codes have no room.</summary>
    public required ComparisonTable Comparison { get; init; }

    /// <summary>What decoded vectors still say of labels; null where there is nothing to measure.</summary>
    public LabelFigures? Labels { get; init; }

    /// <summary>Neighbours of the report's examples by these codes; empty where this budget is not shown.</summary>
    public IReadOnlyList<ExampleRanking> Examples { get; init; } = [];

    /// <summary>What could not be measured, and why.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
}
