using System.Diagnostics;
using System.Text;

namespace HierEmbed.Azurite;

/// <summary>A blob service for the tests of one assembly: Azurite, in memory, on a free port of this machine.</summary>
public sealed class AzuriteServer : IAsyncLifetime
{
    private const string Ready = "successfully listens on ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly StringBuilder said = new();
    private readonly TaskCompletionSource<string> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? process;

    /// <summary>Connects as the emulator's one account, whose key is the same everywhere.</summary>
    public string ConnectionString =>
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
        + $"BlobEndpoint={address.Task.Result}/devstoreaccount1;";

    public async ValueTask InitializeAsync()
    {
        string main = Path.Combine(RepositoryRoot(), "tests/azurite/node_modules/azurite/dist/src/blob/main.js");
        if (!File.Exists(main))
            throw new InvalidOperationException($"{main} is missing. Run \"npm ci --ignore-scripts\" in tests/azurite, or bash tests/run.sh.");
        // The client may speak a version of the protocol that is newer than the emulator.
        var start = new ProcessStartInfo("node", [main, "--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException($"Azurite ended with {process.ExitCode}: {said}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await address.Task.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (process is null)
            return;
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Hear(string? line)
    {
        lock (said)
            said.AppendLine(line);
        if (line?.IndexOf(Ready, StringComparison.Ordinal) is { } at and >= 0)
            address.TrySetResult(line[(at + Ready.Length)..].Trim());
    }

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HierEmbed.Functions.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run from below the repository.");
    }
}
