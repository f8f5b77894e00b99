using System.Diagnostics;

namespace HierEmbed.Benchmarks.Measuring;

/// <summary>Sides measured turn by turn, so that all meet the same machine.</summary>
internal static class Rounds
{
    /// <summary>Rounds that count: medians of five.</summary>
    public const int Counted = 5;

    /// <summary>Runs every side once unmeasured, then all of them turn by turn.</summary>
    /// <param name="sides">Each measures itself: seconds, or a rate, as the caller likes.</param>
    /// <returns>For each side what it measured in each counted round.</returns>
    public static double[][] Alternate(params Func<double>[] sides)
    {
        foreach (Func<double> side in sides)
            side();
        double[][] measured = [.. sides.Select(_ => new double[Counted])];
        for (int round = 0; round < Counted; round++)
        {
            for (int side = 0; side < sides.Length; side++)
                measured[side][round] = sides[side]();
        }
        return measured;
    }

    /// <summary>Seconds that something takes.</summary>
    public static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The median.</summary>
    public static double Median(params IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Median over rounds of one side over another: what happens to the machine between rounds hits both.</summary>
    public static double MedianRatio(double[] over, double[] under) => Median(over.Zip(under, (a, b) => a / b));
}
