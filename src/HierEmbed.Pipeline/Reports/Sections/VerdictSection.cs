using HierEmbed.Core.Evaluation;

namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>What is to be known if nothing else is read.</summary>
internal static class VerdictSection
{
    public static void Write(HtmlWriter page, EvaluationSummary? summary)
    {
        page.Markup("<section class=\"verdict\" aria-label=\"Verdict\">\n");
        if (summary is null)
            page.Element("p", "Nothing was evaluated for this model: its codes were not compared with any baseline. The command hierembed evaluate gets the figures.");
        else
            page.Element("p", summary.Verdict).Element("p", summary.Recommendation);
        page.EndSection();
    }
}
