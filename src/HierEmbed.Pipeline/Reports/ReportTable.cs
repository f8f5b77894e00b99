namespace HierEmbed.Pipeline.Reports;

/// <summary>A table; the first cell of each row says what the row is.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record ReportTable(string Caption, params IReadOnlyList<Column> Columns)
{
    /// <summary>Cells, <c>[rows][columns]</c>.</summary>
    public required IEnumerable<IReadOnlyList<string>> Rows { get; init; }

    /// <summary>Numbers, from 0, of rows that stand out.</summary>
    public Func<int, bool> StandsOut { get; init; } = _ => false;

    /// <summary>Writes it into a box of its own, which scrolls where the page is narrow.</summary>
    public void WriteTo(HtmlWriter page)
    {
        page.Markup($"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{HtmlWriter.Escape(Caption)}\">\n<table>\n<caption><span>{HtmlWriter.Escape(Caption)}</span></caption>\n<thead><tr>");
        foreach (Column column in Columns)
            page.Markup($"<th scope=\"col\"{ClassOf(column)}>{HtmlWriter.Escape(column.Title)}</th>");
        page.Markup("</tr></thead>\n<tbody>\n");
        int number = 0;
        foreach (IReadOnlyList<string> cells in Rows)
            WriteRow(page, cells, StandsOut(number++));
        page.Markup("</tbody>\n</table>\n</div>\n");
    }

    private void WriteRow(HtmlWriter page, IReadOnlyList<string> cells, bool standsOut)
    {
        page.Markup(standsOut ? "<tr class=\"own\">" : "<tr>").Markup($"<th scope=\"row\"{ClassOf(Columns[0])}>{HtmlWriter.Escape(cells[0])}</th>");
        for (int i = 1; i < cells.Count; i++)
            page.Markup($"<td{ClassOf(Columns[i])}>{HtmlWriter.Escape(cells[i])}</td>");
        page.Markup("</tr>\n");
    }

    private static string ClassOf(Column column) => column.IsNumber ? " class=\"n\"" : "";
}
