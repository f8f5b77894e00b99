using System.Diagnostics;

namespace HierEmbed.Training.Tests;

/// <summary>Debian's Python with its numpy and onnx; HIEREMBED_PYTHON names another interpreter that has them.</summary>
internal static class Python
{
    /// <summary>Runs it.</summary>
    /// <returns>What it printed.</returns>
    public static string Run(params string[] arguments)
    {
        string interpreter = Environment.GetEnvironmentVariable("HIEREMBED_PYTHON") ?? "/usr/bin/python3";
        var start = new ProcessStartInfo(interpreter, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.GetAwaiter().GetResult());
        return output;
    }
}
