using System.Diagnostics;

namespace HierEmbed.Storage.Tests.Folders;

/// <summary>Another process on the same folder: tests/Programs/StoreWorker. It waits for <see cref="Go"/> once it is ready.</summary>
internal sealed class StoreWorkerProcess : IDisposable
{
    private readonly Process process;

    private StoreWorkerProcess(Process process) => this.process = process;

    public static async Task<StoreWorkerProcess> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "StoreWorker.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var worker = new StoreWorkerProcess(Process.Start(start)!);
        Assert.Equal("ready", await worker.process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        return worker;
    }

    public void Go() => process.StandardInput.WriteLine();

    public async Task<string[]> LinesAsync()
    {
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>SIGKILL: no handler runs.</summary>
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
