using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace HierEmbed.Cli.Tests.Support;

/// <summary>What a process of the command line left: its exit code and both outputs.</summary>
internal sealed record Finished(int ExitCode, string Out, string Error)
{
    /// <summary>Fails the test with both outputs unless the code is the one expected.</summary>
    public Finished Expect(int exitCode)
    {
        Assert.True(exitCode == ExitCode, $"exit code {ExitCode}, expected {exitCode}\n{Out}\n{Error}");
        return this;
    }
}

/// <summary>A process of the built executable.</summary>
internal sealed partial class Hierembed : IAsyncDisposable
{
    public const int SIGINT = 2;
    public const int SIGTERM = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();

    private Hierembed(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "hierembed.exe" : "hierembed");

    public int Id => process.Id;

    public string Errors
    {
        get
        {
            lock (errors)
                return errors.ToString();
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="folder">Working folder; null: the temporary one.</param>
    /// <param name="environment">Variables on top of the test's own.</param>
    /// <param name="arguments">The command line.</param>
    public static Hierembed Start(string? folder, IReadOnlyDictionary<string, string>? environment, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? Path.GetTempPath() };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new Hierembed(Process.Start(start)!);
    }

    /// <summary>Runs it to its end.</summary>
    public static Task<Finished> RunAsync(params string[] arguments) => RunInAsync(null, arguments);

    /// <summary>Runs it to its end in a folder.</summary>
    public static async Task<Finished> RunInAsync(string? folder, params IEnumerable<string> arguments)
    {
        await using Hierembed started = Start(folder, null, arguments);
        return await started.EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<Finished> EndAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        await process.WaitForExitAsync(limit.Token);
        lock (output)
            return new Finished(process.ExitCode, output.ToString(), Errors);
    }

    /// <summary>Waits until a condition holds; fails the test with what was printed if the process ends before.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.False(process.HasExited, $"it ended with {(process.HasExited ? process.ExitCode : 0)}:\n{Errors}");
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"nothing came of it:\n{Errors}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits for a text on standard error.</summary>
    public Task UntilErrorAsync(string text) => UntilAsync(() => Task.FromResult(Errors.Contains(text, StringComparison.Ordinal)));

    public void Signal(int signal) => Assert.Equal(0, Kill(process.Id, signal));

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
        process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            if (line is not null)
                text.Append(line).Append('\n');
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
