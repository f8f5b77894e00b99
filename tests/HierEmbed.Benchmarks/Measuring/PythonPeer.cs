using System.Diagnostics;
using System.Globalization;

namespace HierEmbed.Benchmarks.Measuring;

/// <summary>A Python that stays: its start and its imports are not timed. It answers each line with one.</summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process process;

    /// <param name="script">A file beside the program.</param>
    /// <param name="threads">Threads of its BLAS and of OpenMP.</param>
    /// <param name="arguments">Of the script.</param>
    public PythonPeer(string script, int threads = 1, params IEnumerable<string> arguments)
    {
        string number = threads.ToString(CultureInfo.InvariantCulture);
        process = Process.Start(new ProcessStartInfo(Program, [Path.Combine(AppContext.BaseDirectory, script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["OPENBLAS_NUM_THREADS"] = number, ["OMP_NUM_THREADS"] = number },
        })!;
    }

    private static string Program => Environment.GetEnvironmentVariable("HIEREMBED_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";

    /// <summary>Has it do something.</summary>
    /// <returns>Its answer.</returns>
    /// <exception cref="InvalidOperationException">It ended.</exception>
    public string Ask(string line)
    {
        process.StandardInput.WriteLine(line);
        process.StandardInput.Flush();
        return process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The Python peer ended at \"{line}\".");
    }

    /// <summary>Has it do something that it answers with a number.</summary>
    public double Measure(string line) => double.Parse(Ask(line), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
