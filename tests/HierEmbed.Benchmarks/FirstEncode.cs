using System.Diagnostics;
using System.Globalization;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Benchmarks;

/// <summary>What the first encoding after a model's load takes, in a process that did nothing before.</summary>
internal static class FirstEncode
{
    /// <summary>Loads a model, encodes one row, and prints the milliseconds of both.</summary>
    public static async Task RunAsync(string folder)
    {
        long begin = Stopwatch.GetTimestamp();
        using EncoderModel model = await EncoderModelLoader.LoadFolderAsync(folder, threads: 1);
        TimeSpan load = Stopwatch.GetElapsedTime(begin);
        float[] row = [.. Enumerable.Range(0, model.InputDims).Select(i => MathF.Sin(i))];
        begin = Stopwatch.GetTimestamp();
        model.EncodeToCodes(row, 1, model.DefaultK);
        TimeSpan first = Stopwatch.GetElapsedTime(begin);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load.TotalMilliseconds} {first.TotalMilliseconds}"));
    }

    /// <summary>Does so in a process of its own.</summary>
    public static (double Load, double First) Measure(string folder)
    {
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["first-encode", folder]) { RedirectStandardOutput = true })!;
        string[] times = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        return (double.Parse(times[0], CultureInfo.InvariantCulture), double.Parse(times[1], CultureInfo.InvariantCulture));
    }
}
