using System.Net;
using System.Net.Sockets;
using HierEmbed.Cli.Tests.Support;

namespace HierEmbed.Cli.Tests;

public sealed class DemoTests
{
    [Fact]
    public async Task Demo_FullRun_PrintsTheTablesAndLeavesTheReportAlone()
    {
        using var folder = new TemporaryFolder();
        await using Hierembed process = Hierembed.Start(folder.Root, new Dictionary<string, string> { ["TMPDIR"] = folder.Root }, "demo");
        Finished demo = (await process.EndAsync()).Expect(0);
        Assert.Contains("nearest to \"wine\"", demo.Out, StringComparison.Ordinal);
        Assert.Contains("nearest to \"withdrawal\"", demo.Out, StringComparison.Ordinal);
        Assert.Contains("nearest to \"Greek alphabet\"", demo.Out, StringComparison.Ordinal);
        Assert.Contains("codes of 32 B", demo.Out, StringComparison.Ordinal);
        Assert.Contains("recall@10 of stored codes", demo.Out, StringComparison.Ordinal);
        Assert.Contains("bit-allocated PCA", demo.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', demo.Out + demo.Error);
        Assert.Contains("Published wordnet-4k/", demo.Error, StringComparison.Ordinal);
        Assert.Equal(["hierembed-demo-report.html"], LeftIn(folder));
        string report = demo.Out.TrimEnd().Split('\n')[^1];
        Assert.Equal("hierembed-demo-report.html", Path.GetFileName(report));
        Assert.Contains("wordnet-4k", await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_Keep_ServesTheReportAtTheLastLine()
    {
        using var folder = new TemporaryFolder();
        await using Hierembed process = Hierembed.Start(folder.Root, new Dictionary<string, string> { ["TMPDIR"] = folder.Root }, "demo", "--keep");
        await process.UntilErrorAsync("the report:");
        using var client = new HttpClient();
        var report = new Uri(process.Errors.Split("Still serving ")[1].Split(' ')[0] + "/report");
        Assert.Contains("<h1>wordnet-4k", await client.GetStringAsync(report, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        process.Signal(Hierembed.SIGINT);
        Finished ended = (await process.EndAsync()).Expect(0);
        Assert.Equal(report.ToString(), ended.Out.TrimEnd().Split('\n')[^1]);
        Assert.Empty(LeftIn(folder));
    }

    [Fact]
    public async Task Demo_Interrupted_EndsWith130AndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        await using Hierembed process = Hierembed.Start(folder.Root, new Dictionary<string, string> { ["TMPDIR"] = folder.Root }, "demo");
        await process.UntilErrorAsync("serving on http://127.0.0.1:");
        process.Signal(Hierembed.SIGINT);
        (await process.EndAsync()).Expect(130);
        Assert.Empty(LeftIn(folder));
    }

    [Fact]
    public async Task Demo_PortInUse_FailsAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using Hierembed process = Hierembed.Start(folder.Root, new Dictionary<string, string> { ["TMPDIR"] = folder.Root }, "demo", "--port", $"{port}");
        Finished wrong = (await process.EndAsync()).Expect(1);
        Assert.Contains($"127.0.0.1:{port}: address already in use", wrong.Error, StringComparison.Ordinal);
        Assert.Empty(LeftIn(folder));
    }

    // The runtime's own diagnostics pipes are there while a process lives, and for a moment longer.
    private static IEnumerable<string> LeftIn(TemporaryFolder folder) =>
        folder.Entries.Where(entry => !entry.StartsWith("clr-debug-pipe", StringComparison.Ordinal) && !entry.StartsWith("dotnet-diagnostic", StringComparison.Ordinal));
}
