using System.Globalization;
using HierEmbed.Serving.Search;
using Spectre.Console;

namespace HierEmbed.Cli.Search;

/// <summary>Prints answers as tables, one a query.</summary>
/// <param name="console">Where to.</param>
internal sealed class AnswerTables(IAnsiConsole console)
{
    private const int MaxText = 100, MinText = 20;

    public void Print(QueryAnswer answer)
    {
        string[] known = [.. new[] { answer.Row is { } row ? $"row {row}" : null, answer.Id, Cut(answer.Text, MaxText) }.OfType<string>()];
        console.WriteLine($"query {answer.Query}{(known.Length > 0 ? $": {string.Join("  ", known)}" : "")}");
        bool ids = answer.Neighbours.Any(n => n.Id is not null), texts = answer.Neighbours.Any(n => n.Text is not null);
        var table = new Table().Border(TableBorder.Simple);
        foreach (string number in (string[])["row", "score", "code score"])
            table.AddColumn(new TableColumn(number).RightAligned().NoWrap());
        if (ids)
            table.AddColumn(new TableColumn("id").NoWrap());
        if (texts)
            table.AddColumn(new TableColumn("text").NoWrap());
        int idWidth = ids ? Math.Clamp(answer.Neighbours.Max(n => n.Id?.Length ?? 0), 2, MaxText) + 2 : 0;
        int textWidth = Math.Clamp(console.Profile.Width - idWidth - 40, MinText, MaxText);
        foreach (FoundRow n in answer.Neighbours)
        {
            string[] cells = [$"{n.Row}", Score(n.Score), Score(n.CodeScore), .. ids ? [Cut(n.Id, MaxText) ?? ""] : Array.Empty<string>(), .. texts ? [Cut(n.Text, textWidth) ?? ""] : Array.Empty<string>()];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }
        console.Write(table);
    }

    private static string Score(float score) => score.ToString("F4", CultureInfo.InvariantCulture);

    /// <summary>One line of at most so many characters.</summary>
    private static string? Cut(string? text, int width)
    {
        string? line = text?.ReplaceLineEndings(" ");
        return line?.Length > width ? line[..(width - 1)] + "…" : line;
    }
}
