using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Reports;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>What sealing made.</summary>
/// <param name="ModelId">The model's id.</param>
public sealed record SealedModel(string ModelId);

/// <summary>Writes the metrics, the report and then the manifest, which makes a version whole: it can be loaded from here on, and is served once it is pointed at.</summary>
public sealed class SealModelStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs, ModelStore models, TimeProvider clock) : RunStep<RunInput, SealedModel>(StepNames.SealModel, "evaluate", runs)
{

    /// <inheritdoc />
    protected override async Task<StepResult<SealedModel>> ExecuteAsync(RunInput input, RunRecord run, CancellationToken cancellationToken)
    {
        RunPlan plan = await inputs.PlanAsync(run.RunId, cancellationToken);
        if (await models.FindManifestAsync(run.Dataset, plan.Version, cancellationToken) is null)
            await WriteManifestAsync(run, plan, cancellationToken);
        return StepResult.Of(new SealedModel($"{run.Dataset}/{plan.Version}"));
    }

    private async Task WriteManifestAsync(RunRecord run, RunPlan plan, CancellationToken cancellationToken)
    {
        string folder = Layout.Version(run.Dataset, plan.Version);
        ModelMetrics metrics = (await storage.Results.FindJsonAsync<ModelMetrics>(Layout.Metrics(run.RunId), cancellationToken)).Value
            ?? throw new ArtifactNotFoundException(Layout.Metrics(run.RunId));
        // As the encoder: what is there first stays, whoever makes the same version at the same time.
        if (await storage.Results.WriteJsonAsync(folder + Layout.MetricsFile, metrics, WriteCondition.IfAbsent, cancellationToken) is null)
            metrics = (await storage.Results.FindJsonAsync<ModelMetrics>(folder + Layout.MetricsFile, cancellationToken)).Value ?? metrics;
        var files = new Dictionary<string, string>();
        foreach (string file in (string[])[Layout.EncoderFile, Layout.DictionaryFile, Layout.PackingFile, Layout.MetricsFile])
        {
            // Recipes without a linear dictionary have no packing formats.
            if (file == Layout.PackingFile && await storage.Results.FindAsync(folder + file, cancellationToken) is null)
                continue;
            await using Stream stream = await storage.Results.OpenReadAsync(folder + file, null, cancellationToken);
            files[file] = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        }
        var manifest = new ModelManifest
        {
            Dataset = run.Dataset,
            Version = plan.Version,
            RunId = run.RunId,
            CreatedAt = clock.GetUtcNow(),
            ContentHash = plan.ContentHash,
            Seed = plan.Seed,
            Recipe = plan.Recipe,
            Rows = plan.Rows,
            PackedHalf = plan.PackedHalf,
            ParentModel = plan.ParentModel,
            InputType = plan.InputType,
            Metrics = metrics.ForManifest(),
            Files = files,
            Versions = new Dictionary<string, string>
            {
                ["hierembed"] = typeof(ModelManifest).Assembly.GetName().Version!.ToString(3),
                ["torchsharp"] = Training.Trainer.TorchSharpVersion,
                ["dotnet"] = RuntimeInformation.FrameworkDescription,
                ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
            },
        };
        files[Layout.ReportFile] = await ReportFile.WriteAsync(storage.Results, manifest, metrics, cancellationToken);
        await storage.Results.WriteJsonAsync(Layout.Manifest(run.Dataset, plan.Version), manifest, WriteCondition.IfAbsent, cancellationToken);
    }
}
