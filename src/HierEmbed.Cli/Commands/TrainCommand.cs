using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using HierEmbed.Cli.Hosting;
using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;

namespace HierEmbed.Cli.Commands;

/// <summary><c>hierembed train</c>: files in, a published model's folder out.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var files = new FilesArgument("Embedding files, or a folder of them (its training.json and labels.* are used).");
        var output = new PathOption("--out", "folder", "Folder of the model.") { Required = true };
        var recipe = new Option<string?>("--recipe") { HelpName = "name", Description = $"{string.Join(", ", RecipePresets.Names)} (default {RecipePresets.Default})." };
        var set = new Option<string[]>("--set") { HelpName = "field=value", Description = "A field of the recipe, such as epochs=20 or trainKs=8,32.", AllowMultipleArgumentsPerToken = true };
        var seed = new WholeNumberOption("--seed", "Seed of every random choice (default 0).", 0, long.MaxValue);
        var force = new Option<bool>("--force") { Description = "Replace the folder if it is there." };
        var json = new Option<bool>("--json") { Description = "The manifest as one JSON document on standard output." };
        var command = new Command("train", "Train a model on embedding files.") { files, output, recipe, set, seed, force, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string folder = Path.GetFullPath(parsed.GetValue(output)!);
            RefuseOccupied(folder, parsed.GetValue(force));
            string[] arguments = parsed.GetValue(files)!;
            byte[] training = TrainingJson(InputFiles.TrainingFile(arguments), parsed.GetValue(recipe), parsed.GetValue(set) ?? [], parsed.GetValue(seed));
            await LocalTraining.TrainAsync(NameFrom(folder), InputFiles.Expand(arguments), InputFiles.LabelFiles(arguments), training, folder, Settings.Load(), cancellationToken);
            byte[] manifest = await File.ReadAllBytesAsync(Path.Combine(folder, Layout.ManifestFile), cancellationToken);
            Print(JsonSerializer.Deserialize<ModelManifest>(manifest, Json.Compact)!, folder, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void RefuseOccupied(string folder, bool force)
    {
        if (File.Exists(folder))
            throw new UsageException($"--out {folder} is a file; expected a folder that is not there yet.");
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
            return;
        if (ModelFolder.WhyForeign(folder) is { } found)
            throw new UsageException($"--out {folder} {found}. Choose a folder that is not there yet.");
        if (!force)
            throw new UsageException($"--out {folder} holds a model already. Choose another folder, or pass --force to replace it.");
    }

    private static string NameFrom(string folder) => DatasetName.IsValid(Path.GetFileName(folder)) ? Path.GetFileName(folder) : "dataset";

    /// <summary>The folder's <c>training.json</c>, if any, with what the command line says put over it.</summary>
    private static byte[] TrainingJson(string? file, string? recipe, string[] assignments, long? seed)
    {
        JsonObject document = [];
        if (file is not null)
        {
            byte[] content = File.ReadAllBytes(file);
            TrainingRequest.Parse(content);
            using var text = new StreamReader(new MemoryStream(content)); // passes over a byte order mark
            document = JsonNode.Parse(text.ReadToEnd(), documentOptions: TrainingRequest.Syntax)!.AsObject();
        }
        if (recipe is not null)
            document["recipe"] = recipe;
        if (seed is not null)
            document["seed"] = seed;
        try
        {
            foreach (string assignment in assignments)
            {
                (string name, JsonElement value) = RecipeFields.ParseAssignment(assignment);
                document[name] = JsonNode.Parse(value.GetRawText());
            }
            byte[] utf8 = JsonSerializer.SerializeToUtf8Bytes(document);
            // Here rather than by the run, so that a wrong field is said before any file is read.
            TrainingRequest.Parse(utf8);
            return utf8;
        }
        catch (RecipeException e)
        {
            // The file's own fields were judged above: what is wrong now came with the command line.
            throw new UsageException(e.Message);
        }
    }

    private static void Print(ModelManifest manifest, string folder, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(manifest, Json.Indented));
            return;
        }
        ModelMetrics metrics = manifest.Metrics;
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{manifest.Recipe.Recipe.Name}: {manifest.Recipe.InputDims} dims to {manifest.Recipe.LatentDims} latents, {manifest.Rows.Train} rows, {metrics.Epochs} epochs, {metrics.SamplesPerSecond:F0} rows/s");
        Console.Out.WriteLine(line);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"on {metrics.EvaluatedRows} rows that training {(metrics.SeenInTraining ? "saw, for want of others" : "never saw")}: dead latents {metrics.DeadFraction:P1}"));
        foreach (MetricsAtK at in metrics.ByK)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  k={at.K,-4} FVU {at.Fvu:F3}  L0 {at.L0:F1}"));
        Console.Out.WriteLine(folder);
        Console.Out.WriteLine(Path.Combine(folder, Layout.ReportFile));
    }
}
