namespace HierEmbed.Pipeline.Reports.Sections;

/// <summary>What is to be known if nothing else is read.</summary>
internal static class VerdictSection
{
    public static void Write(HtmlWriter page, ReportVerdict? verdict)
    {
        page.Markup("<section class=\"verdict\" aria-label=\"Verdict\">\n");
        if (verdict is null)
            page.Element("p", "Nothing was evaluated for this model: its codes were not compared with any baseline. Train again to get the figures.");
        else
            page.Element("p", verdict.Verdict).Element("p", verdict.Recommendation);
        page.EndSection();
    }
}
