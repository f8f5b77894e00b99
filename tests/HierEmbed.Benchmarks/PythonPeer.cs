using System.Diagnostics;
using System.Globalization;

namespace HierEmbed.Benchmarks;

/// <summary>A Python that stays: its start and its imports are not timed.</summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process process = Process.Start(new ProcessStartInfo(
        Environment.GetEnvironmentVariable("HIEREMBED_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3",
        [Path.Combine(AppContext.BaseDirectory, "peers.py")])
    { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    /// <summary>Seconds that reading a file took.</summary>
    public double Read(string kind, string path)
    {
        process.StandardInput.WriteLine($"{kind} {path}");
        process.StandardInput.Flush();
        return double.Parse(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The Python peer ended."), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
