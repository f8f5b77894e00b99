namespace HierEmbed.Core.Evaluation;

/// <summary>One entry of a comparison.</summary>
/// <param name="BudgetBytes">Bytes a row that it may take.</param>
/// <param name="IsBaseline">Whether it is what a candidate has to beat.</param>
/// <param name="Cost">The method and what it stores.</param>
/// <param name="Measure">Measures it.</param>
public sealed record ComparedCoding(int BudgetBytes, bool IsBaseline, CodingCost Cost, Func<RetrievalEvaluation, RetrievalFigures> Measure)
{
    /// <summary>An entry that rows are rebuilt from.</summary>
    /// <param name="budgetBytes">Bytes a row that it may take.</param>
    /// <param name="isBaseline">Whether it is what a candidate has to beat.</param>
    /// <param name="coding">How it stores documents.</param>
    public ComparedCoding(int budgetBytes, bool isBaseline, IDocumentCoding coding)
        : this(budgetBytes, isBaseline, coding.Cost, evaluation => evaluation.Measure(coding))
    {
    }
}
