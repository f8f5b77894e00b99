using System.Text.Json;
using HierEmbed.Pipeline;
using HierEmbed.Pipeline.Steps;
using Microsoft.Azure.Functions.Worker;

namespace HierEmbed.Functions.Workflows;

/// <summary>The steps as activities, one line each: what goes in and out is the JSON that the step itself reads and writes.</summary>
/// <param name="pipeline">The steps.</param>
public sealed class StepFunctions(HierEmbedPipeline pipeline)
{
    /// <summary>Looks at a dataset's marker.</summary>
    [Function(StepNames.LookAtMarker)]
    public Task<JsonElement> LookAtMarkerAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.LookAtMarker, input, cancellationToken);

    /// <summary>Lists a dataset once and makes its run.</summary>
    [Function(StepNames.PlanRun)]
    public Task<JsonElement> PlanRunAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.PlanRun, input, cancellationToken);

    /// <summary>Clears a dataset's marker unless it moved.</summary>
    [Function(StepNames.ClearMarker)]
    public Task<JsonElement> ClearMarkerAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.ClearMarker, input, cancellationToken);

    /// <summary>Reads what the run was asked for.</summary>
    [Function(StepNames.BeginRun)]
    public Task<JsonElement> BeginRunAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.BeginRun, input, cancellationToken);

    /// <summary>Packs one file into row blocks, for one time budget.</summary>
    [Function(StepNames.PackFile)]
    public Task<JsonElement> PackFileAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.PackFile, input, cancellationToken);

    /// <summary>Fits the scaler and fixes the plan.</summary>
    [Function(StepNames.FitScaler)]
    public Task<JsonElement> FitScalerAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.FitScaler, input, cancellationToken);

    /// <summary>Trains for one time budget.</summary>
    [Function(StepNames.TrainChunk)]
    public Task<JsonElement> TrainChunkAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.TrainChunk, input, cancellationToken);

    /// <summary>Exports the encoder and the dictionary.</summary>
    [Function(StepNames.ExportModel)]
    public Task<JsonElement> ExportModelAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.ExportModel, input, cancellationToken);

    /// <summary>Measures the codes and the baselines at one budget of bytes.</summary>
    [Function(StepNames.EvaluateBudget)]
    public Task<JsonElement> EvaluateBudgetAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.EvaluateBudget, input, cancellationToken);

    /// <summary>Measures the rest on rows that training never saw, and puts the metrics together.</summary>
    [Function(StepNames.EvaluateModel)]
    public Task<JsonElement> EvaluateModelAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.EvaluateModel, input, cancellationToken);

    /// <summary>Writes the manifest, which makes a version whole.</summary>
    [Function(StepNames.SealModel)]
    public Task<JsonElement> SealModelAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.SealModel, input, cancellationToken);

    /// <summary>Codes one row block.</summary>
    [Function(StepNames.EncodeBlock)]
    public Task<JsonElement> EncodeBlockAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.EncodeBlock, input, cancellationToken);

    /// <summary>Moves the pointer to a version.</summary>
    [Function(StepNames.PublishModel)]
    public Task<JsonElement> PublishModelAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.PublishModel, input, cancellationToken);

    /// <summary>Writes the run's outcome and clears up behind it.</summary>
    [Function(StepNames.EndRun)]
    public Task<JsonElement> EndRunAsync([ActivityTrigger] JsonElement input, CancellationToken cancellationToken) => RunAsync(StepNames.EndRun, input, cancellationToken);

    private Task<JsonElement> RunAsync(string step, JsonElement input, CancellationToken cancellationToken) => pipeline.Step(step).RunJsonAsync(input, cancellationToken);
}
