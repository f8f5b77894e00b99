namespace HierEmbed.Pipeline.Reports.Charts;

/// <summary>How a line is drawn. No two of a chart share a marker: they can be told apart without colours.</summary>
/// <param name="Colour">Hex.</param>
/// <param name="Marker">At each point; null: none.</param>
/// <param name="Width">Of the line.</param>
internal sealed record SeriesStyle(string Colour, Marker? Marker, float Width = 1.5f)
{
    /// <summary>The model's own codes.</summary>
    public static SeriesStyle Own { get; } = new("#0072B2", Marker.FilledCircle, 3);

    /// <summary>Whatever else is shown, in order: colours after Okabe and Ito, darkened for white paper.</summary>
    public static IReadOnlyList<SeriesStyle> Others { get; } =
    [
        new("#C04E00", Marker.OpenSquare),
        new("#007A5A", Marker.FilledTriangleUp),
        new("#A0457E", Marker.OpenDiamond),
        new("#9A6700", Marker.FilledSquare),
        new("#222222", Marker.Eks),
        new("#666666", Marker.OpenCircle),
        new("#4B3FA0", Marker.FilledTriangleDown),
        new("#7A1F1F", Marker.Cross),
        new("#2F6F8F", Marker.FilledDiamond),
    ];

    /// <summary>Style of the n-th line beside the model's own.</summary>
    public static SeriesStyle Other(int n) => Others[n % Others.Count];

    /// <summary>The same line without markers, for many points.</summary>
    public SeriesStyle WithoutMarkers() => this with { Marker = null };
}
