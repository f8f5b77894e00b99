using System.Globalization;
using HierEmbed.Core.Codes;
using Spectre.Console;

namespace HierEmbed.Cli.Demo;

/// <summary>What the demo prints: the nearest words of three words by full vectors and by codes, and how well they agree over many.</summary>
/// <param name="sample">The sample.</param>
/// <param name="codesByK">Codes of all rows at each k, as the endpoint answered.</param>
internal sealed class DemoReport(Sample sample, IReadOnlyDictionary<int, SparseCode[]> codesByK)
{
    private const int Top = 10;
    private const int Shown = 5;
    private const int Shortlist = 100;
    private const int MeasuredRows = 400;

    /// <summary>A stored component is an int32 index and a float32 value, as in codes.npz.</summary>
    private const int BytesPerComponent = sizeof(int) + sizeof(float);

    public void Print(IAnsiConsole console, IEnumerable<string> words)
    {
        foreach (string word in words)
            console.Write(NearestTo(Array.FindIndex(sample.Words, w => w.Split(", ").Contains(word)), CellWidth(console.Profile.Width)));
        console.WriteLine($"= is one of the true nearest {Top}");
        console.WriteLine();
        console.Write(Agreement());
    }

    private Table NearestTo(int row, int width)
    {
        int[] exact = Neighbours.ByVectors(sample, row, Top);
        var table = new Table().Border(TableBorder.Simple).Title($"nearest to \"{Markup.Escape(sample.Words[row])}\"").AddColumn($"full vectors, {sample.Dims * sizeof(float)} B");
        var byK = new List<int[]>();
        foreach ((int k, SparseCode[] codes) in codesByK)
        {
            table.AddColumn($"codes k={k}, {k * BytesPerComponent} B");
            byK.Add(Neighbours.ByCodes(codes, row, Top));
        }
        for (int rank = 0; rank < Shown; rank++)
            table.AddRow([Cell(exact[rank], width), .. byK.Select(found => (exact.Contains(found[rank]) ? "[green]=[/] " : "  ") + Cell(found[rank], width - 2))]);
        return table;
    }

    private Table Agreement()
    {
        var table = new Table().Border(TableBorder.Simple)
            .Title($"agreement with full vectors, mean over {MeasuredRows} words")
            .AddColumn("").AddColumn(new TableColumn("bytes a vector").RightAligned())
            .AddColumn(new TableColumn($"top {Top}, codes alone").RightAligned())
            .AddColumn(new TableColumn($"top {Top}, {Shortlist} reranked").RightAligned());
        table.AddRow("full vectors", $"{sample.Dims * sizeof(float)}", "100 %", "100 %");
        int[] rows = [.. Enumerable.Range(0, MeasuredRows).Select(i => i * sample.Rows / MeasuredRows)];
        int[][] exact = [.. rows.AsParallel().AsOrdered().Select(row => Neighbours.ByVectors(sample, row, Top))];
        foreach ((int k, SparseCode[] codes) in codesByK)
        {
            int[][] found = [.. rows.AsParallel().AsOrdered().Select(row => Neighbours.ByCodes(codes, row, Shortlist))];
            double alone = exact.Zip(found, (e, f) => f.Take(Top).Intersect(e).Count()).Average() / Top;
            // Reranking by full vectors brings back exactly those of the true top that the shortlist holds.
            double reranked = exact.Zip(found, (e, f) => f.Intersect(e).Count()).Average() / Top;
            table.AddRow($"codes k={k}", $"{k * BytesPerComponent}", Percent(alone), Percent(reranked));
        }
        return table;
    }

    /// <summary>Width of a word's cell: all columns side by side, no cell in two lines.</summary>
    private int CellWidth(int consoleWidth)
    {
        // Simple border: a blank before the table, and two between columns and around them.
        int columns = 1 + codesByK.Count;
        return Math.Clamp((consoleWidth - 2 - (3 * columns)) / columns, 12, 36);
    }

    private string Cell(int row, int width)
    {
        string word = sample.Words[row];
        return Markup.Escape(word.Length <= width ? word : word[..(width - 1)] + "…");
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F1} %");
}
