using ScottPlot;

namespace HierEmbed.Pipeline.Reports.Charts;

/// <summary>How a line is drawn. No two of a chart share a marker: they can be told apart without colours.</summary>
/// <param name="Colour">Hex.</param>
/// <param name="Marker">Marker at each point.</param>
/// <param name="Width">Of the line.</param>
internal sealed record SeriesStyle(string Colour, MarkerShape Marker, float Width = 1.5f)
{
    /// <summary>The model's own codes.</summary>
    public static SeriesStyle Own { get; } = new("#0072B2", MarkerShape.FilledCircle, 3);

    /// <summary>Whatever else is shown, in order: colours after Okabe and Ito, darkened for white paper.</summary>
    public static IReadOnlyList<SeriesStyle> Others { get; } =
    [
        new("#C04E00", MarkerShape.OpenSquare),
        new("#007A5A", MarkerShape.FilledTriangleUp),
        new("#A0457E", MarkerShape.OpenDiamond),
        new("#9A6700", MarkerShape.FilledSquare),
        new("#222222", MarkerShape.Eks),
        new("#666666", MarkerShape.OpenCircle),
        new("#4B3FA0", MarkerShape.FilledTriangleDown),
        new("#7A1F1F", MarkerShape.Cross),
        new("#2F6F8F", MarkerShape.FilledDiamond),
    ];

    /// <summary>Style of the n-th line beside the model's own.</summary>
    public static SeriesStyle Other(int n) => Others[n % Others.Count];

    /// <summary>The same line without markers, for many points.</summary>
    public SeriesStyle WithoutMarkers() => this with { Marker = MarkerShape.None };
}
