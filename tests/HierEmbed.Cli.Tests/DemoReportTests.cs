using HierEmbed.Cli.Commands;
using HierEmbed.Cli.Demo;
using HierEmbed.Core.Models;
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
        using var written = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(written), Ansi = AnsiSupport.No });
        console.Profile.Width = width;

        DemoNeighbours[] found = [.. DemoCommand.Words.Select(sample.RowOf).Select(row => new DemoNeighbours(row, Nearest(row), Nearest(row + 1), Nearest(row)))];
        new DemoReport(sample).Print(console, found, 32, Metrics);

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
        Assert.Single(lines, line => line.Contains("78.8 %", StringComparison.Ordinal) && line.Contains("79.1 % bit-allocated PCA", StringComparison.Ordinal));

        int[] Nearest(int row) => Neighbours.ByVectors(sample, row, 10);
    }

    private static ModelMetrics Metrics => new()
    {
        Epochs = 1,
        BestEpoch = 1,
        TrainLoss = 0.5,
        ValidationLoss = 0.5,
        SamplesPerSecond = 1000,
        EvaluatedRows = 403,
        DeadFraction = 0,
        ByK = [],
        Recall = [new RecallAtBudget(16, 0.66, null, "pursuit codes", 0.66), new RecallAtBudget(32, 0.788, 1, "bit-allocated PCA", 0.791)],
    };
}
