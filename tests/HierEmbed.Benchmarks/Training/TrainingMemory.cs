using System.Diagnostics;
using System.Globalization;
using HierEmbed.Benchmarks.Measuring;

namespace HierEmbed.Benchmarks.Training;

/// <summary>Private memory of a process that trains 1024 → 4096, and nothing else.</summary>
internal static class TrainingMemory
{
    private const int Rows = 32 * 1024, InputDims = 1024, LatentDims = 4096;

    /// <summary>What such a process holds by necessity: rows, weights, Adam's two moments.</summary>
    private const double AccountedMegabytes = (((double)Rows * InputDims) + (3.0 * ((2 * LatentDims * InputDims) + LatentDims + InputDims))) * sizeof(float) / 1e6;

    /// <summary>The process: says its private memory beyond what is accounted for, in megabytes, after a number of steps and at the end.</summary>
    public static void Train(int batchRows, int threads, int first, int last)
    {
        float[] rows = new MixtureRows(InputDims, seed: 3).Next(Rows);
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true); // What made the rows is no part of a training.
        using TrainedShape shape = TrainedShape.Matryoshka(rows, batchRows, threads, inPlace: true);
        shape.Steps(first);
        Console.WriteLine(Beyond().ToString(CultureInfo.InvariantCulture));
        shape.Steps(last - first);
        Console.WriteLine(Beyond().ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Starts the process and hears it out.</summary>
    /// <returns>Megabytes beyond what is accounted for, after the first steps and at the end.</returns>
    public static (double First, double Last) Measure(int batchRows, int threads, int first, int last)
    {
        string[] arguments = ["training-memory", .. new[] { batchRows, threads, first, last }.Select(n => n.ToString(CultureInfo.InvariantCulture))];
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true })!;
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"training-memory ended with {process.ExitCode}.");
        return (double.Parse(lines[^2], CultureInfo.InvariantCulture), double.Parse(lines[^1], CultureInfo.InvariantCulture));
    }

    private static double Beyond() => (Cli.PrivateMegabytes(Environment.ProcessId) * 1024 * 1024 / 1e6) - AccountedMegabytes;
}
