using System.Globalization;
using System.Xml.Linq;

namespace HierEmbed.Pipeline.Reports.Charts;

/// <summary>Draws charts as inline SVG, which needs no font where it is made, takes the reader's, and is the same everywhere.</summary>
internal static class ChartSvg
{
    private const int Width = 460;
    private const int Height = 340;
    private const int Left = 56;
    private const int Right = 14;
    private const int Top = 30;
    private const int Bottom = 52;
    private const int TickLength = 4;
    private const double MarkerLine = 1.5;
    private const string Ink = "#333333";
    private const string GridInk = "#DDDDDD";
    private const string MarkInk = "#777777";
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>A chart with its axes and titles.</summary>
    public static string Draw(Chart chart)
    {
        double X(double place) => Left + ((place - chart.X.Min) / (chart.X.Max - chart.X.Min) * (Width - Left - Right));
        double Y(double place) => Height - Bottom - ((place - chart.Y.Min) / (chart.Y.Max - chart.Y.Min) * (Height - Top - Bottom));
        XElement svg = Root(Width, Height);
        svg.Add(
            new XAttribute("role", "img"),
            new XAttribute("aria-labelledby", $"{chart.Id}-title"),
            new XElement(Svg + "title", new XAttribute("id", $"{chart.Id}-title"), chart.Title),
            Lines(GridInk, 1, [.. chart.X.Ticks.Select(tick => $"M{Round(X(tick.At))} {Top}V{Height - Bottom}"), .. chart.Y.Ticks.Select(tick => $"M{Left} {Round(Y(tick.At))}H{Width - Right}")]));

        // A viewport of its own cuts off what lies beyond the axes. What is added last lies on top.
        XElement data = Root(Width - Left - Right, Height - Top - Bottom, Left, Top);
        foreach (ChartSeries series in chart.Series.Reverse())
            data.Add(Series([.. series.Points.Select(p => (X(chart.X.Place(p.X)), Y(chart.Y.Place(p.Y))))], series.Style));
        if (chart.Mark is { } mark)
            data.Add(Lines(MarkInk, 1, $"M{Round(X(chart.X.Place(mark.At)))} {Top}V{Height - Bottom}"));
        svg.Add(data);

        svg.Add(Lines(Ink, 1,
            [$"M{Left} {Top}V{Height - Bottom}H{Width - Right}",
                .. chart.X.Ticks.Select(tick => $"M{Round(X(tick.At))} {Height - Bottom}v{TickLength}"),
                .. chart.Y.Ticks.Select(tick => $"M{Left} {Round(Y(tick.At))}h-{TickLength}")]));
        svg.Add(Words(chart, X, Y));
        return svg.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>A piece of a line with its marker, for a legend.</summary>
    public static string Swatch(SeriesStyle style)
    {
        const int width = 40, height = 16;
        XElement svg = Root(width, height);
        svg.Add(new XAttribute("aria-hidden", "true"), Series([(0, height / 2), (width, height / 2)], style with { Marker = null }), Series([(width / 2, height / 2)], style));
        return svg.ToString(SaveOptions.DisableFormatting);
    }

    private static XElement Root(int width, int height, int left = 0, int top = 0) => new(Svg + "svg",
        left == 0 && top == 0 ? null : new object[] { new XAttribute("x", left), new XAttribute("y", top), new XAttribute("width", width), new XAttribute("height", height) },
        new XAttribute("viewBox", FormattableString.Invariant($"{left} {top} {width} {height}")));

    /// <summary>A line through points, broken where one is no number, and their markers.</summary>
    private static IEnumerable<XElement> Series(IReadOnlyList<(double X, double Y)> points, SeriesStyle style)
    {
        bool IsPlace(int i) => i >= 0 && double.IsFinite(points[i].X) && double.IsFinite(points[i].Y);
        int[] places = [.. Enumerable.Range(0, points.Count).Where(IsPlace)];
        string At(int i) => $"{Round(points[i].X)} {Round(points[i].Y)}";
        yield return Lines(style.Colour, style.Width, [.. places.Select(i => $"{(IsPlace(i - 1) ? "L" : "M")}{At(i)}")]);
        if (style.Marker is { } marker)
        {
            XElement markers = Lines(style.Colour, MarkerLine, [.. places.Select(i => $"M{At(i)}{marker.Path}")]);
            if (marker.IsFilled)
                markers.SetAttributeValue("fill", style.Colour);
            yield return markers;
        }
    }

    private static XElement Lines(string colour, double width, params string[] commands) => new(Svg + "path",
        new XAttribute("fill", "none"), new XAttribute("stroke", colour), new XAttribute("stroke-width", Round(width)), new XAttribute("stroke-linejoin", "round"),
        new XAttribute("d", string.Concat(commands)));

    private static XElement Words(Chart chart, Func<double, double> x, Func<double, double> y)
    {
        var words = new XElement(Svg + "g", new XAttribute("fill", Ink), new XAttribute("font-size", "13"));
        words.Add(chart.X.Ticks.Select(tick => Text(x(tick.At), Height - Bottom + 19, "middle", tick.Label)));
        words.Add(chart.Y.Ticks.Select(tick => Text(Left - 8, y(tick.At) + 4.5, "end", tick.Label)));
        words.Add(Text((Left + Width - Right) / 2.0, Height - 8, "middle", chart.X.Title));
        words.Add(Text(4, 13, "start", chart.Y.Title));
        if (chart.Mark is { } mark)
        {
            double at = x(chart.X.Place(mark.At));
            // On the side of the line that has room for it.
            words.Add(at < Width / 2.0 ? Text(at + 5, Top + 14, "start", mark.Label) : Text(at - 5, Top + 14, "end", mark.Label));
        }
        return words;
    }

    private static XElement Text(double x, double y, string anchor, string text) =>
        new(Svg + "text", new XAttribute("x", Round(x)), new XAttribute("y", Round(y)), new XAttribute("text-anchor", anchor), text);

    private static string Round(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
