namespace HierEmbed.Core.Evaluation;

/// <summary>One entry of a comparison.</summary>
/// <param name="BudgetBytes">Bytes a row that it may take.</param>
/// <param name="IsBaseline">Whether it is what a candidate has to beat.</param>
/// <param name="Coding">How it stores documents.</param>
public sealed record ComparedCoding(int BudgetBytes, bool IsBaseline, IDocumentCoding Coding);
