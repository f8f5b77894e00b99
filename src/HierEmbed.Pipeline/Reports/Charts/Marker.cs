namespace HierEmbed.Pipeline.Reports.Charts;

/// <summary>What stands at each point of a line: nine units wide.</summary>
/// <param name="Path">SVG path commands, relative to the point.</param>
/// <param name="IsFilled">Whether it is filled or an outline.</param>
internal sealed record Marker(string Path, bool IsFilled)
{
    private const string Circle = "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z";
    private const string Square = "m-4.5 -4.5h9v9h-9z";
    private const string Diamond = "m0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z";

    public static Marker FilledCircle { get; } = new(Circle, true);

    public static Marker OpenCircle { get; } = new(Circle, false);

    public static Marker FilledSquare { get; } = new(Square, true);

    public static Marker OpenSquare { get; } = new(Square, false);

    public static Marker FilledDiamond { get; } = new(Diamond, true);

    public static Marker OpenDiamond { get; } = new(Diamond, false);

    public static Marker FilledTriangleUp { get; } = new("m0 -4.5l4.5 9h-9z", true);

    public static Marker FilledTriangleDown { get; } = new("m0 4.5l4.5 -9h-9z", true);

    public static Marker Eks { get; } = new("m-4.5 -4.5l9 9m0 -9l-9 9", false);

    public static Marker Cross { get; } = new("m-4.5 0h9m-4.5 -4.5v9", false);
}
