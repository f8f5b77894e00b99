using System.Diagnostics;

namespace HierEmbed.Core.Tests;

/// <summary>Runs the field's own tools: a Python with NumPy, SciPy and onnx. Debian's python3-scipy and python3-onnx have them.</summary>
internal static class Python
{
    /// <summary>Runs a program and returns what it printed; fails the test with its errors where it fails or is not there.</summary>
    public static string Run(string program, params string[] arguments)
    {
        string interpreter = Environment.GetEnvironmentVariable("HIEREMBED_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";
        Assert.True(File.Exists(interpreter), $"{interpreter} is missing: install python3-scipy and python3-onnx, or name an interpreter in HIEREMBED_PYTHON.");
        using Process process = Process.Start(new ProcessStartInfo(interpreter, ["-c", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return printed;
    }
}
