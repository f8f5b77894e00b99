namespace HierEmbed.Pipeline.Reports.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Points">Values, x ascending.</param>
/// <param name="Style">How it is drawn.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points, SeriesStyle Style);
