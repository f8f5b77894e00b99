namespace HierEmbed.Pipeline.Reports.Charts;

/// <summary>A chart with its words.</summary>
/// <param name="Id">Unique in the page; letters, digits, hyphens.</param>
/// <param name="Title">What it shows, for those who do not see it.</param>
/// <param name="X">The horizontal axis.</param>
/// <param name="Y">The vertical axis.</param>
/// <param name="Series">Lines; the first lies on top.</param>
internal sealed record Chart(string Id, string Title, ChartAxis X, ChartAxis Y, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>A place on the horizontal axis to be marked by a line, with what it says.</summary>
    public ChartTick? Mark { get; init; }

    /// <summary>Writes the chart, its legend and its caption.</summary>
    public void WriteTo(HtmlWriter page, string caption)
    {
        page.Markup("<figure>\n").Markup(ChartSvg.Draw(this)).Markup("\n");
        if (Series.Count > 1)
        {
            page.Markup("<ul class=\"legend\">");
            for (int i = 0; i < Series.Count; i++)
                page.Markup($"<li>{ChartSvg.Swatch(Series[i].Style)}{HtmlWriter.Escape(Series[i].Name)}</li>");
            page.Markup("</ul>\n");
        }
        page.Element("figcaption", caption).Markup("</figure>\n");
    }
}
