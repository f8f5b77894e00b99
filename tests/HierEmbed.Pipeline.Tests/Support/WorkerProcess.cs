using System.Diagnostics;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>Another host on a folder: tests/Programs/PipelineWorker.</summary>
internal sealed class WorkerProcess : IDisposable
{
    /// <summary>128 and the number of SIGKILL.</summary>
    public const int Killed = 137;

    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> errors;

    public WorkerProcess(string root, params string[] arguments)
    {
        process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "PipelineWorker.dll"), root, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code, and what was printed.</returns>
    public async Task<(int ExitCode, string Output)> EndAsync()
    {
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(string.Empty, await errors);
        return (process.ExitCode, (await output).Trim());
    }

    /// <summary>SIGKILL from outside.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
