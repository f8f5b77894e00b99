using HierEmbed.Core.Evaluation;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>Neighbours of a few rows, by full vectors and by codes.</summary>
internal static class ExampleSection
{
    public static void Write(HtmlWriter page, IReadOnlyList<ExampleNeighbours> examples, int inputDims)
    {
        page.BeginSection("examples", "Example neighbours");
        if (examples.Count == 0)
        {
            page.Element("p", "The rows have no texts, so there are no neighbours to read. Keep a text column in the files, or put a file labels.jsonl with texts beside them.").EndSection();
            return;
        }
        page.Element("p", "Test rows nearest to a test row. ✓ is one of the ten nearest by full cosine, ✗ is not. Figures are cosines of full vectors, and what codes estimate of them.");
        foreach (ExampleNeighbours example in examples)
        {
            page.Markup("<article class=\"example\">\n<h3>").UserText(example.Text).Markup("</h3>\n<div class=\"lists\">\n");
            List(page, $"full vectors, {Shown.Bytes(sizeof(float) * (long)inputDims)}", example.Full);
            foreach (ExampleRanking ranking in example.ByBudget)
                List(page, $"codes, {Shown.Bytes(ranking.BudgetBytes)}", ranking.Neighbours);
            page.Markup("</div>\n</article>\n");
        }
        page.EndSection();
    }

    private static void List(HtmlWriter page, string title, IReadOnlyList<ExampleNeighbour> neighbours)
    {
        page.Markup("<div>\n").Element("h4", title).Markup("<ol>\n");
        foreach (ExampleNeighbour neighbour in neighbours)
        {
            page.Markup(neighbour.IsTrue
                    ? "<li class=\"true\"><span class=\"mark\" role=\"img\" aria-label=\"true neighbour\">✓</span>"
                    : "<li><span class=\"mark\" role=\"img\" aria-label=\"not a true neighbour\">✗</span>")
                .UserText(neighbour.Text)
                .Markup($"<span class=\"score\">{Shown.Share(neighbour.Score)}</span></li>\n");
        }
        page.Markup("</ol>\n</div>\n");
    }
}
