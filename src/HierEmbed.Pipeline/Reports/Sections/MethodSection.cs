using HierEmbed.Core.Evaluation;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>Every method at every budget, in full.</summary>
internal static class MethodSection
{
    public static void Write(HtmlWriter page, ComparisonTable comparison)
    {
        page.BeginSection("methods", "Every method at every budget");
        foreach (IGrouping<int, ComparedFigures> budget in comparison.Figures.GroupBy(f => f.BudgetBytes).OrderBy(group => group.Key))
            Table(budget.Key, [.. budget.OrderByDescending(f => f.Figures.Recall10)]).WriteTo(page);
        page.Element("p", "Sorted by recall@10; rows of this model are shaded. Bytes count everything stored for a row. The dictionary (atoms, rotations, codebooks) is stored once, and its share a row stands beside them.", "note");
        page.EndSection();
    }

    private static ReportTable Table(int bytes, ComparedFigures[] entries) => new(
        $"{Shown.Count(bytes)} bytes a vector",
        new("method", IsNumber: false), new("recall@10"), new("@100"), new("rerank 50"), new("rerank 100"), new("rerank 200"), new("Spearman"), new("FVU"), new("k"), new("L0"), new("bytes"), new("dictionary B a row"))
    {
        StandsOut = row => !entries[row].IsBaseline,
        Rows = entries.Select(Row),
    };

    private static string[] Row(ComparedFigures entry)
    {
        RetrievalFigures figures = entry.Figures;
        return
        [
            entry.IsBaseline ? figures.Cost.Method : $"{figures.Cost.Method} (this model)",
            Shown.Share(figures.Recall10),
            Shown.Share(figures.Recall100),
            Shown.Share(BudgetSection.Reranked(figures, 50)),
            Shown.Share(BudgetSection.Reranked(figures, 100)),
            Shown.Share(BudgetSection.Reranked(figures, 200)),
            Shown.Share(figures.Spearman),
            Shown.Share(figures.Fvu),
            figures.K is { } k ? Shown.Count(k) : Shown.Nothing,
            figures.L0 is { } components ? Shown.Tenths(components) : Shown.Nothing,
            Shown.Count(figures.Cost.BytesPerRow),
            Shown.Tenths(entry.DictionaryBytesPerRow),
        ];
    }
}
