using HierEmbed.Cli.Commands;
using HierEmbed.Cli.Demo;
using HierEmbed.Core.Codes;
using Spectre.Console;

namespace HierEmbed.Cli.Tests;

public sealed class DemoReportTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(10_000)]
    public void Print_AtAnyWidth_KeepsEachRowOnOneLine(int width)
    {
        Sample sample = Sample.Load();
        // Truncated vectors stand for a model's codes: how good they are is not the question here.
        SparseCode[] Truncated(int k) => [.. Enumerable.Range(0, sample.Rows).Select(row => CodeTruncation.ToUnitNorm(CodeTruncation.KeepLargest(sample.Row(row), k)))];
        using var written = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written), Ansi = AnsiSupport.No });
        console.Profile.Width = width;

        new DemoReport(sample, new Dictionary<int, SparseCode[]> { [32] = Truncated(32), [8] = Truncated(8) }).Print(console, DemoCommand.Words);

        string[] lines = written.ToString().Split('\n');
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 0, width));
        foreach (string word in DemoCommand.Words)
        {
            int title = Array.FindIndex(lines, line => line.Contains($"nearest to \"{word}\"", StringComparison.Ordinal));
            Assert.True(title >= 0, word);
            int rule = Array.FindIndex(lines, title, line => line.Contains("──", StringComparison.Ordinal));
            // Five words, and the line that ends the table.
            Assert.All(lines[(rule + 1)..(rule + 6)], line => Assert.False(string.IsNullOrWhiteSpace(line[..Math.Min(20, line.Length)]), written.ToString()));
            Assert.True(string.IsNullOrWhiteSpace(lines[rule + 6]), written.ToString());
        }
        Assert.Single(lines, line => line.Contains("codes k=8 ", StringComparison.Ordinal) && line.Contains('%', StringComparison.Ordinal));
    }
}
