using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using HierEmbed.Cli.Evaluation;
using HierEmbed.Cli.Output;
using HierEmbed.Core;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline.Evaluation;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed evaluate</c>: what a model's codes are worth on rows that its training never saw, beside baselines of the same bytes.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "Folder of a model, as train --out or the pipeline leaves it." };
        var files = new FilesArgument("Embedding files, or folders of them. Measured are the rows that the model's split (a hash of seed and content) calls test; validation where that has fewer than 12, and of the training's own files its training rows where both have; "
            + "baselines are fitted on those that it calls training. So it does not matter whether the model was trained on these files.");
        var labels = new PathOption("--labels", "file", "What rows are labelled with (.jsonl, .json, .csv, .tsv or .txt: an object with id and label a line, or a bare label), in place of the labels in <files>; default: labels.* in the one folder that is named. Rows match by id where both have ids, else by order.");
        var fitOn = new Option<string[]>("--fit-on")
        {
            HelpName = "files",
            Description = "Fit baselines on the training rows of these files. If they are all that the model was trained on, every row of <files> that is not a training row is measured; "
                + "else every row that the split does not call training.",
            AllowMultipleArgumentsPerToken = true,
        };
        var bytes = new Option<int[]>("--bytes")
        {
            HelpName = "numbers",
            Description = $"Bytes a vector to measure at (default {string.Join(',', PackingTable.Budgets)}).",
            CustomParser = result => ParseBytes(result.Tokens[0].Value, result.AddError),
        };
        var minRecall = new Option<string[]>("--min-recall")
        {
            HelpName = "recall@bytes",
            Description = "Exit with 3 where the codes' recall@10 is lower, such as 0.9@32B. May be given several times.",
            AllowMultipleArgumentsPerToken = true,
        };
        var json = new Option<bool>("--json") { Description = "The whole report as one JSON document on standard output." };
        var command = new Command("evaluate", "Measure a model's codes on rows that it never saw, beside baselines of the same bytes.") { model, files, labels, fitOn, bytes, minRecall, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RecallFloor[] floors = [.. (parsed.GetValue(minRecall) ?? []).Select(text => RecallFloor.Parse(text)
                ?? throw new UsageException($"--min-recall is \"{(text.Length > 60 ? text[..57] + "..." : text)}\"; expected a recall from 0 to 1 at a number of bytes, such as 0.9@32B."))];
            int[] budgets = [.. (parsed.GetValue(bytes) is { Length: > 0 } given ? given : PackingTable.Budgets).Concat(floors.Select(floor => floor.Bytes)).Distinct().Order()];
            string[]? fitFiles = parsed.GetValue(fitOn) is { Length: > 0 } named ? named : null;
            string? labelFile = parsed.GetValue(labels);
            HierEmbedOptions settings = Settings.Load();
            EvaluationReport report = await FileEvaluation.RunAsync(new FileEvaluationInput
            {
                Model = parsed.GetValue(model)!,
                Files = Named(parsed.GetValue(files)!),
                FitOn = fitFiles is null ? null : Named(fitFiles),
                Labels = labelFile is not null ? (Path.GetFullPath(labelFile), labelFile) : LabelsBeside(parsed.GetValue(files)!),
                RequiresLabels = labelFile is not null,
                Budgets = budgets,
            }, settings, Console.Error.WriteLine, cancellationToken);
            if (parsed.GetValue(json))
                Console.Out.WriteLine(JsonSerializer.Serialize(report, Json.Indented));
            else
                EvaluationText.Print(report, Consoles.Results);
            return Judge(floors, report);
        });
        return command;
    }

    private static (string Path, string Shown)[] Named(string[] arguments) => [.. InputFiles.Expand(arguments).Select(path => (path, InputFiles.Shown(path)))];

    /// <summary>The file of labels in the one folder that was named, as train reads it.</summary>
    private static (string Path, string Shown)? LabelsBeside(string[] arguments) => InputFiles.LabelFiles(arguments) switch
    {
        [] => null,
        [var path] => (path, InputFiles.Shown(path)),
        var several => throw new UsageException($"{InputFiles.Shown(several[0])} and {InputFiles.Shown(several[1])} both hold labels. Keep one of them, or name one with --labels."),
    };

    private static int Judge(RecallFloor[] floors, EvaluationReport report)
    {
        string[] shortfalls = [.. floors.Select(floor => floor.Shortfall(report)).OfType<string>()];
        foreach (string shortfall in shortfalls)
            Console.Error.WriteLine($"error: {shortfall}");
        return shortfalls.Length > 0 ? ExitCode.BadData : ExitCode.Done;
    }

    private static int[] ParseBytes(string text, Action<string> addError)
    {
        var numbers = new List<int>();
        foreach (string part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 4 or > 4096)
            {
                addError($"--bytes is \"{text}\"; expected whole numbers from 4 to 4096, such as 16,32.");
                return [];
            }
            numbers.Add(number);
        }
        return [.. numbers];
    }
}
