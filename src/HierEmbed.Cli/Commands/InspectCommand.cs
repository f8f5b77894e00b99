using System.CommandLine;
using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Recipes;
using Spectre.Console;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed inspect</c>: what embedding files hold, before anything is trained on them.</summary>
internal static class InspectCommand
{
    /// <summary>One file: its profile, or why it cannot be read.</summary>
    private sealed record InspectedFile(string File, EmbeddingFileProfile? Profile, Problem? Problem);

    /// <summary>All of them, taken for one dataset.</summary>
    /// <param name="Files">Each file.</param>
    /// <param name="Rows">Rows that can be used.</param>
    /// <param name="Duplicates">Rows that repeat an earlier one of any of the files bit for bit; rows of files that cannot be used do not count.</param>
    /// <param name="DuplicatesEstimated">Whether that is an estimate: past 3 million different rows.</param>
    /// <param name="CanTrain">Whether they can be trained on.</param>
    /// <param name="WhyNot">Why they cannot.</param>
    private sealed record InspectedDataset(IReadOnlyList<InspectedFile> Files, long Rows, long Duplicates, bool DuplicatesEstimated, bool CanTrain, string? WhyNot);

    public static Command Create()
    {
        var files = new FilesArgument("Embedding files, or folders of them (the training.json of a single folder is used).");
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output." };
        var command = new Command("inspect", "Show what embedding files hold, and whether they can be trained on as one dataset.") { files, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            HierEmbedOptions settings = Settings.Load();
            string[] arguments = parsed.GetValue(files)!;
            TrainingRequest request = InputFiles.TrainingFile(arguments) is { } training ? TrainingRequest.Parse(File.ReadAllBytes(training)) : new TrainingRequest();
            var options = new ReaderOptions
            {
                MaxRejectedFraction = request.MaxRejectedFraction ?? settings.MaxRejectedFraction,
                RejectZeroRows = request.Recipe.L2Normalize,
                SpoolFolder = settings.ScratchPath,
            };
            var duplicates = new DuplicateCounter();
            var unreadable = new Dictionary<string, Exception>();
            InspectedFile[] inspected =
            [
                .. InputFiles.Expand(arguments, unreadable).Select(path => Inspect(path, options, duplicates, cancellationToken)),
                .. unreadable.Select(folder => Unreadable(InputFiles.Shown(folder.Key), folder.Value)),
            ];
            long repeated = duplicates.Count();
            string? whyNot = WhyNotTrainable(inspected, request, repeated, settings.MinRows);
            var dataset = new InspectedDataset(inspected, RowsOf(inspected), repeated, !duplicates.IsExact, whyNot is null, whyNot);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(dataset, Json.Indented));
            else
                Print(dataset);
            return Task.FromResult(ExitCodeOf([.. inspected.Select(f => f.Problem).OfType<Problem>()]));
        });
        return command;
    }

    /// <summary>Bad data, which no second attempt cures, before files that could not be read.</summary>
    private static int ExitCodeOf(Problem[] problems) =>
        problems.Length == 0 ? ExitCode.Done : problems.Any(IsBadData) ? ExitCode.BadData : ExitCode.Failed;

    private static bool IsBadData(Problem problem) => problem.Status < 500;

    private static long RowsOf(InspectedFile[] files) => files.Sum(f => f.Profile?.Rows ?? 0);

    /// <summary>What a run would refuse them for; null where it would not.</summary>
    private static string? WhyNotTrainable(InspectedFile[] files, TrainingRequest request, long duplicates, int minRows)
    {
        // What is left out by onBadFile is bad data alone: of a file that the system does not give, nobody knows.
        if (files.FirstOrDefault(f => f.Problem is { } problem && (request.OnBadFile == OnBadFile.Fail || !IsBadData(problem))) is { } bad)
            return $"{bad.File} cannot be used";
        files = [.. files.Where(f => f.Profile is not null)];
        if (files.Length == 0)
            return "none of the files can be used";
        InspectedFile first = files[0];
        if (files.FirstOrDefault(f => f.Profile!.Info.Dims != first.Profile!.Info.Dims) is { } other)
            return $"{first.File} has {first.Profile!.Info.Dims} dims, {other.File} has {other.Profile!.Info.Dims}; one dataset holds embeddings of one model";
        InspectedFile[] named = [.. files.Where(f => f.Profile!.Info.ParentModel is not null)];
        if (named.FirstOrDefault(f => f.Profile!.Info.ParentModel != (request.ParentModel ?? named[0].Profile!.Info.ParentModel)) is { } foreign)
        {
            string one = request.ParentModel is { } asked ? $"training.json names the model {asked}" : $"{named[0].File} was made by {named[0].Profile!.Info.ParentModel}";
            return $"{one}, {foreign.File} was made by {foreign.Profile!.Info.ParentModel}; one dataset holds embeddings of one model";
        }
        long rows = RowsOf(files);
        if (rows < minRows)
            return $"{rows} rows are too few; at least {minRows} are needed";
        return duplicates == rows - 1 ? $"all {rows} rows are equal" : null;
    }

    private static InspectedFile Inspect(string path, ReaderOptions options, DuplicateCounter duplicates, CancellationToken cancellationToken)
    {
        string shown = InputFiles.Shown(path);
        try
        {
            using IEmbeddingReader reader = EmbeddingReaders.Open(shown, File.OpenRead(path), options, cancellationToken);
            return new(shown, EmbeddingFileProfile.Measure(reader, duplicates, cancellationToken), null);
        }
        catch (HierEmbedException e)
        {
            return new(shown, null, e.ToProblem());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(shown, e);
        }
    }

    private static InspectedFile Unreadable(string file, Exception e)
    {
        string found = e.Message.ReplaceLineEndings(" ").TrimEnd('.');
        var problem = new EmbeddingFileException(ProblemTypes.UnreadableFile, file, $"it cannot be opened or read: {(found.Length > 150 ? found[..150] : found)}. Make it readable, or leave it out.", inner: e);
        return new(file, null, problem.ToProblem());
    }

    private static void Print(InspectedDataset dataset)
    {
        IAnsiConsole console = Output.Consoles.Results;
        var table = new Table().Border(TableBorder.Simple).AddColumns("file", "format", "type");
        foreach (string name in (string[])["rows", "dims", "min norm", "mean norm", "max norm", "duplicates", "rejected"])
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (InspectedFile file in dataset.Files)
        {
            if (file.Profile is { } p)
                table.AddRow([.. new[] { file.File, FormatOf(p.Info), p.Info.ElementType, $"{p.Rows}", $"{p.Info.Dims}", $"{p.MinNorm:F4}", $"{p.MeanNorm:F4}", $"{p.MaxNorm:F4}", Counted(p.Duplicates, p.DuplicatesEstimated), $"{p.Rejected}" }.Select(Markup.Escape)]);
        }
        if (table.Rows.Count > 0)
            console.Write(table);
        foreach (InspectedFile file in dataset.Files)
        {
            if (file.Profile is { } profile)
                PrintDetails(console, file.File, profile);
            if (file.Problem is not null)
                Console.Error.WriteLine($"error: {file.Problem.Detail}");
        }
        string repeated = dataset.Duplicates > 0 ? $", {Counted(dataset.Duplicates, dataset.DuplicatesEstimated)} of them repeat an earlier one" : string.Empty;
        console.WriteLine($"{dataset.Rows} rows{repeated}. {(dataset.CanTrain ? "Can be trained on." : $"Cannot be trained on: {dataset.WhyNot}.")}");
    }

    private static string FormatOf(EmbeddingFileInfo info) => info.Compression is { } compression ? $"{info.Format} ({compression})" : info.Format;

    private static string Counted(long rows, bool estimated) => estimated ? $"about {rows}" : $"{rows}";

    private static void PrintDetails(IAnsiConsole console, string file, EmbeddingFileProfile profile)
    {
        if (profile.Info.ParentModel is { } model)
            console.WriteLine($"{file}: made by {model}{(profile.Info.InputType is { } type ? $" as {type}" : string.Empty)}");
        string[] labels = [.. new[] { (profile.WithId, "ids"), (profile.WithText, "texts"), (profile.WithLabel, "labels") }.Where(l => l.Item1 > 0).Select(l => $"{l.Item1} {l.Item2}")];
        if (labels.Length > 0)
            console.WriteLine($"{file}: {string.Join(", ", labels)}");
        if (profile.Rejected > 0)
            console.WriteLine($"{file}: rejected {string.Join(", ", profile.RejectedByReason.Select(reason => $"{reason.Value} {reason.Key}"))}");
        foreach (RejectedRow row in profile.RejectedRows.Take(10))
            console.WriteLine($"{file}: row {row.Row} rejected: {row.Detail}");
        if (profile.ZeroRows > 0)
            console.WriteLine($"{file}: {profile.ZeroRows} rows of zeros; recipes that divide by a row's length reject them");
    }
}
