using System.Diagnostics;

namespace HierEmbed.Benchmarks.Measuring;

/// <summary>Whole processes, and the private memory that they came to.</summary>
internal static class Cli
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>The built command line, in this repository.</summary>
    public static string Executable { get; } = Directory.GetFiles(Path.Combine(Root(), "src/HierEmbed.Cli/bin/Release"), "hierembed", SearchOption.AllDirectories).Single();

    /// <summary>Runs a process to its end.</summary>
    /// <returns>Seconds, and megabytes of private memory at the most (RssAnon, Linux).</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static (double Seconds, double PrivateMegabytes) Run(string program, IReadOnlyDictionary<string, string> settings, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in settings)
            start.Environment[name] = value;
        long begin = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        double most = 0;
        while (!process.WaitForExit(LookEvery))
            most = Math.Max(most, PrivateMegabytes(process.Id));
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}:\n{output.Result}{errors.Result}");
        return (Stopwatch.GetElapsedTime(begin).TotalSeconds, most);
    }

    /// <summary>Private memory of a process now, in units of 1,048,576 bytes (RssAnon, Linux); 0 where it has ended.</summary>
    public static double PrivateMegabytes(int process)
    {
        try
        {
            string line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null) / 1024;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return 0; // It has ended since.
        }
    }

    /// <summary>The repository.</summary>
    public static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HierEmbed.Functions.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is not in the repository.");
    }
}
