namespace HierEmbed.Core.Evaluation;

/// <summary>One line of a comparison's table.</summary>
/// <param name="BudgetBytes">Bytes a row that the method might take; it can take fewer.</param>
/// <param name="IsBaseline">Whether it is a baseline.</param>
/// <param name="DictionaryBytesPerRow">Its dictionary shared out over the stored rows.</param>
/// <param name="Figures">What was measured.</param>
public sealed record ComparedFigures(int BudgetBytes, bool IsBaseline, double DictionaryBytesPerRow, RetrievalFigures Figures);
