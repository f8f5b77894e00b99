using System.Xml.Linq;
using ScottPlot;

namespace HierEmbed.Pipeline.Reports.Charts;

/// <summary>Draws charts as inline SVG: lines and axes by ScottPlot, words as text elements of our own.</summary>
/// <remarks>
/// ScottPlot measures words with the machine's fonts. A container may have none, and two machines have different ones: with words placed here the
/// page needs no font where it is made, takes the reader's, and is the same everywhere.
/// </remarks>
internal static class ChartSvg
{
    private const int Width = 460;
    private const int Height = 340;
    private const int Left = 56;
    private const int Right = 14;
    private const int Top = 30;
    private const int Bottom = 52;
    private const string Ink = "#333333";
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>A chart with its axes and titles.</summary>
    public static string Draw(Chart chart)
    {
        using var plot = new Plot();
        // What is added last lies on top.
        foreach (ChartSeries series in chart.Series.Reverse())
            Add(plot, series.Points.Select(p => chart.X.Place(p.X)), series.Points.Select(p => chart.Y.Place(p.Y)), series.Style);
        if (chart.Mark is { } mark)
        {
            var line = plot.Add.VerticalLine(chart.X.Place(mark.At));
            line.Color = Color.FromHex("#777777");
            line.LineWidth = 1;
        }
        Frame(plot, chart);
        XElement svg = Parse(plot.GetSvgXml(Width, Height), chart.Id, Width, Height);
        svg.SetAttributeValue("role", "img");
        svg.SetAttributeValue("aria-labelledby", $"{chart.Id}-title");
        svg.AddFirst(new XElement(Svg + "title", new XAttribute("id", $"{chart.Id}-title"), chart.Title));
        svg.Add(Words(chart));
        return svg.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>A piece of a line with its marker, for a legend.</summary>
    public static string Swatch(string id, SeriesStyle style)
    {
        const int width = 40, height = 16;
        using var plot = new Plot();
        Add(plot, [-1, 0, 1], [0, 0, 0], style with { Marker = MarkerShape.None });
        if (style.Marker != MarkerShape.None)
            Add(plot, [0], [0], style);
        plot.Layout.Frameless();
        plot.HideGrid();
        plot.Axes.SetLimits(-1, 1, -1, 1);
        XElement svg = Parse(plot.GetSvgXml(width, height), id, width, height);
        svg.SetAttributeValue("aria-hidden", "true");
        return svg.ToString(SaveOptions.DisableFormatting);
    }

    private static void Add(Plot plot, IEnumerable<double> xs, IEnumerable<double> ys, SeriesStyle style)
    {
        var line = plot.Add.Scatter(xs.ToArray(), ys.ToArray(), Color.FromHex(style.Colour));
        line.LineWidth = style.Width;
        line.MarkerShape = style.Marker;
        line.MarkerSize = 9;
        line.MarkerLineWidth = 1.5f;
    }

    private static void Frame(Plot plot, Chart chart)
    {
        Color ink = Color.FromHex(Ink);
        foreach ((IAxis axis, ChartAxis values) in new (IAxis, ChartAxis)[] { (plot.Axes.Bottom, chart.X), (plot.Axes.Left, chart.Y) })
        {
            axis.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. values.Ticks.Select(tick => tick.At)], [.. values.Ticks.Select(_ => "")]);
            axis.TickLabelStyle.IsVisible = false;
            axis.FrameLineStyle.Color = ink;
        }
        plot.Axes.Top.IsVisible = false;
        plot.Axes.Right.IsVisible = false;
        plot.Grid.MajorLineColor = Color.FromHex("#DDDDDD");
        plot.Axes.SetLimits(chart.X.Min, chart.X.Max, chart.Y.Min, chart.Y.Max);
        plot.Layout.Fixed(new PixelPadding(Left, Right, Bottom, Top));
    }

    private static XElement Parse(string xml, string id, int width, int height)
    {
        XElement svg = XDocument.Parse(xml).Root!;
        svg.SetAttributeValue("width", null);
        svg.SetAttributeValue("height", null);
        svg.SetAttributeValue("viewBox", FormattableString.Invariant($"0 0 {width} {height}"));
        // Each drawing counts its ids anew, and those of a page must not meet.
        XAttribute[] ids = [.. svg.DescendantsAndSelf().Attributes("id")];
        for (int i = 0; i < ids.Length; i++)
        {
            string old = $"#{ids[i].Value}";
            string name = FormattableString.Invariant($"{id}-{i}");
            ids[i].Value = name;
            foreach (XAttribute reference in svg.Descendants().Attributes().Where(a => a.Value == old || a.Value == $"url({old})"))
                reference.Value = reference.Value.Replace(old, $"#{name}", StringComparison.Ordinal);
        }
        return svg;
    }

    private static XElement Words(Chart chart)
    {
        double X(double place) => Left + ((place - chart.X.Min) / (chart.X.Max - chart.X.Min) * (Width - Left - Right));
        double Y(double place) => Height - Bottom - ((place - chart.Y.Min) / (chart.Y.Max - chart.Y.Min) * (Height - Top - Bottom));
        var words = new XElement(Svg + "g", new XAttribute("fill", Ink), new XAttribute("font-size", "13"));
        words.Add(chart.X.Ticks.Select(tick => Text(X(tick.At), Height - Bottom + 19, "middle", tick.Label)));
        words.Add(chart.Y.Ticks.Select(tick => Text(Left - 8, Y(tick.At) + 4.5, "end", tick.Label)));
        words.Add(Text((Left + Width - Right) / 2.0, Height - 8, "middle", chart.X.Title));
        words.Add(Text(4, 13, "start", chart.Y.Title));
        if (chart.Mark is { } mark)
        {
            double at = X(chart.X.Place(mark.At));
            // On the side of the line that has room for it.
            words.Add(at < Width / 2.0 ? Text(at + 5, Top + 14, "start", mark.Label) : Text(at - 5, Top + 14, "end", mark.Label));
        }
        return words;
    }

    private static XElement Text(double x, double y, string anchor, string text) =>
        new(Svg + "text", new XAttribute("x", Round(x)), new XAttribute("y", Round(y)), new XAttribute("text-anchor", anchor), text);

    private static string Round(double value) => value.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture);
}
