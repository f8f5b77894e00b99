using System.CommandLine;
using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;
using Spectre.Console;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed inspect</c>: what embedding files hold, before anything is trained on them.</summary>
internal static class InspectCommand
{
    /// <summary>One file: its profile, or why it cannot be read.</summary>
    private sealed record InspectedFile(string File, EmbeddingFileProfile? Profile, Problem? Problem);

    public static Command Create()
    {
        var files = new FilesArgument("Embedding files, or folders of them.");
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("inspect", "Show format, rows, dims, norms and rejected rows of embedding files.") { files, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new ReaderOptions { MaxRejectedFraction = Settings.Load().MaxRejectedFraction };
            InspectedFile[] inspected = [.. InputFiles.Expand(parsed.GetValue(files)!).Select(path => Inspect(path, options, cancellationToken))];
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(inspected, Json.Indented));
            else
                Print(inspected);
            return Task.FromResult(inspected.Any(f => f.Problem is not null) ? ExitCode.BadData : ExitCode.Done);
        });
        return command;
    }

    private static InspectedFile Inspect(string path, ReaderOptions options, CancellationToken cancellationToken)
    {
        string shown = InputFiles.Shown(path);
        try
        {
            using IEmbeddingReader reader = EmbeddingReaders.Open(shown, File.OpenRead(path), options);
            return new(shown, EmbeddingFileProfile.Measure(reader, cancellationToken), null);
        }
        catch (EmbeddingFileException e)
        {
            return new(shown, null, e.ToProblem());
        }
    }

    private static void Print(InspectedFile[] inspected)
    {
        IAnsiConsole console = Output.Consoles.Results;
        var table = new Table().Border(TableBorder.Simple).AddColumns("file", "format", "type");
        foreach (string name in (string[])["rows", "dims", "min norm", "mean norm", "max norm", "rejected"])
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (InspectedFile file in inspected)
        {
            if (file.Profile is { } p)
                table.AddRow([.. new[] { file.File, p.Info.Format, p.Info.ElementType, $"{p.Rows}", $"{p.Info.Dims}", $"{p.MinNorm:F4}", $"{p.MeanNorm:F4}", $"{p.MaxNorm:F4}", $"{p.Rejected}" }.Select(Markup.Escape)]);
        }
        if (table.Rows.Count > 0)
            console.Write(table);
        foreach (InspectedFile file in inspected)
        {
            if (file.Profile?.Info.ParentModel is { } model)
                console.WriteLine($"{file.File}: made by {model}{(file.Profile.Info.InputType is { } type ? $" as {type}" : string.Empty)}");
            foreach (RejectedRow row in file.Profile?.RejectedRows.Take(10) ?? [])
                console.WriteLine($"{file.File}: row {row.Row} rejected: {row.Detail}");
            if (file.Profile?.ZeroRows > 0)
                console.WriteLine($"{file.File}: {file.Profile.ZeroRows} rows of zeros; recipes that divide by a row's length reject them");
            if (file.Problem is not null)
                Console.Error.WriteLine($"error: {file.Problem.Detail}");
        }
        foreach (IGrouping<int, InspectedFile> group in inspected.Where(f => f.Profile is not null).GroupBy(f => f.Profile!.Info.Dims).Skip(1))
            Console.Error.WriteLine($"warning: {group.First().File} has {group.Key} dims, {inspected.First(f => f.Profile is not null).File} has others; one dataset holds embeddings of one model");
    }
}
