using System.Diagnostics;
using System.Globalization;

namespace HierEmbed.Benchmarks.Http;

/// <summary>wrk (Debian), one thread of it on connections that stay open: it posts bodies in turn as fast as they are answered.</summary>
internal static class Wrk
{
    /// <summary>What one run measured.</summary>
    /// <param name="RequestsPerSecond">Over all connections.</param>
    /// <param name="MedianMilliseconds">Of one request.</param>
    /// <param name="P99Milliseconds">99 of 100 requests take no longer.</param>
    public sealed record Load(double RequestsPerSecond, double MedianMilliseconds, double P99Milliseconds);

    /// <summary>Posts for some seconds.</summary>
    /// <exception cref="InvalidOperationException">wrk failed, or a request did.</exception>
    public static Load Post(Uri address, string mediaType, IEnumerable<string> files, int connections, int seconds)
    {
        string number = seconds.ToString(CultureInfo.InvariantCulture);
        string script = Path.Combine(AppContext.BaseDirectory, "post_bodies.lua");
        var start = new ProcessStartInfo("wrk", ["-t1", string.Create(CultureInfo.InvariantCulture, $"-c{connections}"), $"-d{number}s", "-s", script, address.ToString(), "--", mediaType, .. files])
        {
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double[]? measured = output.Split('\n').FirstOrDefault(line => line.StartsWith("measured ", StringComparison.Ordinal))?
            .Split(' ').Skip(1).Select(word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        return measured is [var requests, var microseconds, 0, var median, var p99]
            ? new Load(requests * 1e6 / microseconds, median / 1e3, p99 / 1e3)
            : throw new InvalidOperationException($"wrk on {address}:\n{output}");
    }
}
