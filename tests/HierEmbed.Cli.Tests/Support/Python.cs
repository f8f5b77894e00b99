using System.Diagnostics;

namespace HierEmbed.Cli.Tests.Support;

/// <summary>Runs the field's own tools: a Python with NumPy and SciPy. Debian's python3-scipy has both.</summary>
internal static class Python
{
    /// <summary>Runs a program and returns what it printed; fails the test with its errors where it fails or is not there.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        string interpreter = Environment.GetEnvironmentVariable("HIEREMBED_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";
        Assert.True(File.Exists(interpreter), $"{interpreter} is missing: install python3-scipy, or name an interpreter in HIEREMBED_PYTHON.");
        using Process process = Process.Start(new ProcessStartInfo(interpreter, ["-c", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string printed = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await errors);
        return printed.Trim();
    }
}
