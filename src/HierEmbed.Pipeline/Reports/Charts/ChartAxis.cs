using System.Globalization;

namespace HierEmbed.Pipeline.Reports.Charts;

/// <summary>An axis: what it measures, from where to where, and how a value becomes a place on it.</summary>
/// <param name="Title">What it measures.</param>
/// <param name="Min">Where it begins, in places.</param>
/// <param name="Max">Where it ends, in places.</param>
/// <param name="Ticks">Its ticks, in places.</param>
/// <param name="Place">Place of a value.</param>
internal sealed record ChartAxis(string Title, double Min, double Max, IReadOnlyList<ChartTick> Ticks, Func<double, double> Place)
{
    /// <summary>An axis of shares that ends at 1 and begins at the tenth below the lowest.</summary>
    public static ChartAxis Shares(string title, IEnumerable<double> values)
    {
        double lowest = Math.Clamp(Math.Floor((values.Append(1).Min() - 1e-9) * 10) / 10, 0, 0.9);
        double step = lowest < 0.5 ? 0.2 : 0.1;
        double first = Math.Floor(lowest / step) * step;
        // A little beyond 1: a mark at 1 is seen whole.
        return new(title, first, 1 + (0.03 * (1 - first)), [.. Steps(first, 1, step).Select(at => new ChartTick(at, at.ToString("0.0", CultureInfo.InvariantCulture)))], value => value);
    }

    /// <summary>An axis with a tick at each value, equal ratios at equal distances.</summary>
    public static ChartAxis Doubling(string title, IReadOnlyCollection<int> values)
    {
        double margin = Math.Max(0.3, 0.06 * Math.Log2((double)values.Max() / values.Min()));
        return new(title, Math.Log2(values.Min()) - margin, Math.Log2(values.Max()) + margin,
            [.. values.Distinct().Order().Select(value => new ChartTick(Math.Log2(value), Shown.Count(value)))], Math.Log2);
    }

    /// <summary>An axis by powers of ten, at most 0 apart from them.</summary>
    public static ChartAxis PowersOfTen(string title, IEnumerable<double> values, Func<double, string> label)
    {
        double[] positive = [.. values.Where(value => value > 0)];
        double first = Math.Floor(Math.Log10(positive.Min()));
        double last = Math.Max(first + 1, Math.Ceiling(Math.Log10(positive.Max())));
        return new(title, first, last, [.. Steps(first, last, 1).Select(at => new ChartTick(at, label(Math.Pow(10, at))))], Math.Log10);
    }

    /// <summary>An axis of equal ratios at equal distances that ends where the values do, with ticks at 1, 2 and 5 times powers of ten, or at powers alone where those are many.</summary>
    /// <param name="title">What it measures.</param>
    /// <param name="values">Above 0, not all equal.</param>
    public static ChartAxis Logarithmic(string title, IReadOnlyCollection<double> values)
    {
        double low = Math.Log10(values.Min()), high = Math.Log10(values.Max()), margin = 0.04 * (high - low);
        int step = Math.Max(1, (int)Math.Ceiling((high - low) / 7));
        double[] times = high - low > 2.5 ? [1] : [1, 2, 5];
        return new(title, low - margin, high + margin,
            [.. from power in Enumerable.Range((int)Math.Floor(low), (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1)
                where power % step == 0
                from factor in times
                let at = power + Math.Log10(factor)
                where at >= low - margin && at <= high + margin
                select new ChartTick(at, (factor * Math.Pow(10, power)).ToString("G4", CultureInfo.InvariantCulture))],
            Math.Log10);
    }

    /// <summary>An axis with about five round ticks.</summary>
    public static ChartAxis Linear(string title, IReadOnlyCollection<double> values, bool wholeNumbers = false, Func<double, string>? label = null)
    {
        double low = values.Min();
        double high = values.Max();
        if (high - low < 1e-12 * Math.Max(1, Math.Abs(high)))
            (low, high) = wholeNumbers ? (low - 1, high + 1) : (low - Math.Max(1e-3, Math.Abs(low) / 10), high + Math.Max(1e-3, Math.Abs(high) / 10));
        double step = RoundStep((high - low) / 5);
        if (wholeNumbers)
            step = Math.Max(1, step);
        double first = Math.Ceiling((low / step) - 1e-9) * step;
        double margin = 0.04 * (high - low);
        label ??= value => value.ToString("G4", CultureInfo.InvariantCulture);
        return new(title, low - margin, high + margin, [.. Steps(first, high, step).Select(at => new ChartTick(at, label(Math.Round(at, 10))))], value => value);
    }

    /// <summary>1, 2 or 5 times a power of ten.</summary>
    private static double RoundStep(double wanted)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(wanted)));
        double[] steps = [power, 2 * power, 5 * power, 10 * power];
        return steps.First(step => step >= wanted * (1 - 1e-9));
    }

    private static IEnumerable<double> Steps(double first, double last, double step)
    {
        for (int i = 0; first + (i * step) <= last + (1e-6 * step); i++)
            yield return first + (i * step);
    }
}
