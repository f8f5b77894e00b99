using System.Globalization;
using HierEmbed.Core.Models;
using Spectre.Console;

namespace HierEmbed.Cli.Demo;

/// <summary>What the demo prints: the nearest words of three words by full vectors and by stored codes, and what codes of each length find.</summary>
/// <param name="sample">The sample.</param>
internal sealed class DemoReport(Sample sample)
{
    private const int Shown = 5;

    /// <summary>Prints the nearest words of some words, then the recall.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="found">The words' neighbours.</param>
    /// <param name="bytesPerVector">Bytes of a stored code.</param>
    /// <param name="metrics">What the run measured.</param>
    public void Print(IAnsiConsole console, IEnumerable<DemoNeighbours> found, int bytesPerVector, ModelMetrics metrics)
    {
        foreach (DemoNeighbours word in found)
            console.Write(NearestTo(word, bytesPerVector, CellWidth(console.Profile.Width)));
        console.WriteLine("= is one of the true nearest 10");
        console.WriteLine();
        console.Write(Recall(metrics));
    }

    private Table NearestTo(DemoNeighbours word, int bytesPerVector, int width)
    {
        var table = new Table().Border(TableBorder.Simple).Title($"nearest to \"{Markup.Escape(sample.Words[word.Row])}\"")
            .AddColumn($"full vectors, {sample.Dims * sizeof(float)} B").AddColumn($"codes of {bytesPerVector} B").AddColumn("the same, reranked");
        for (int rank = 0; rank < Shown; rank++)
            table.AddRow(Cell(word.Full[rank], width), Marked(word, word.Codes[rank], width), Marked(word, word.Reranked[rank], width));
        return table;
    }

    private static Table Recall(ModelMetrics metrics)
    {
        var table = new Table().Border(TableBorder.Simple)
            .Title($"recall@10 of stored codes, over {metrics.EvaluatedRows} words never trained on")
            .AddColumn(new TableColumn("bytes a vector").RightAligned())
            .AddColumn(new TableColumn("codes alone").RightAligned())
            .AddColumn(new TableColumn("100 reranked").RightAligned())
            .AddColumn("best method alone");
        foreach (RecallAtBudget at in metrics.Recall ?? [])
        {
            table.AddRow(at.BytesPerVector.ToString(CultureInfo.InvariantCulture), Percent(at.Recall10), at.Recall10Reranked is { } reranked ? Percent(reranked) : "–",
                $"{Percent(at.BestRecall10)} {at.BestMethod}");
        }
        return table;
    }

    /// <summary>Width of a word's cell: all columns side by side, no cell in two lines.</summary>
    private static int CellWidth(int consoleWidth)
    {
        // Simple border: a blank before the table, and two between columns and around them.
        const int columns = 3;
        return Math.Clamp((consoleWidth - 2 - (3 * columns)) / columns, 12, 36);
    }

    private string Marked(DemoNeighbours word, int row, int width) => (word.Full.Contains(row) ? "[green]=[/] " : "  ") + Cell(row, width - 2);

    private string Cell(int row, int width)
    {
        string word = sample.Words[row];
        return Markup.Escape(word.Length <= width ? word : word[..(width - 1)] + "…");
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1} %");
}
