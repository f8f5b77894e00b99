using System.Globalization;

namespace HierEmbed.Pipeline.Reports;

/// <summary>How figures are written.</summary>
internal static class Shown
{
    /// <summary>What stands where there is no figure.</summary>
    public const string Nothing = "–";

    /// <summary>A recall, a correlation or the like: three digits.</summary>
    public static string Share(double? value) => value is { } v ? v.ToString("0.000", CultureInfo.InvariantCulture) : Nothing;

    /// <summary>A loss, whose size is not known beforehand.</summary>
    public static string Loss(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    /// <summary>A difference with its sign.</summary>
    public static string Difference(double value) => value.ToString("+0.000;−0.000;0.000", CultureInfo.InvariantCulture);

    /// <summary>A percentage.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

    /// <summary>A count.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count of things.</summary>
    public static string Counted(long value, string thing) => value == 1 ? $"1 {thing}" : $"{Count(value)} {thing}s";

    /// <summary>A length in bytes.</summary>
    public static string Bytes(long value) => $"{Count(value)} B";

    /// <summary>One decimal.</summary>
    public static string Tenths(double value) => value.ToString("N1", CultureInfo.InvariantCulture);
}
