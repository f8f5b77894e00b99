using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Rows;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>What the manifest of a model will say of it that is exported and not sealed: it is written only when the figures are there.</summary>
internal static class UnsealedManifest
{
    /// <summary>Name, recipe and rows; no figures, no files.</summary>
    public static ModelManifest Of(string runId, string dataset, RunPlan plan) => new()
    {
        Dataset = dataset,
        Version = plan.Version,
        RunId = runId,
        CreatedAt = default,
        ContentHash = plan.ContentHash,
        Seed = plan.Seed,
        Recipe = plan.Recipe,
        Rows = plan.Rows,
        Metrics = new ModelMetrics { Epochs = 0, BestEpoch = 0, TrainLoss = 0, ValidationLoss = 0, SamplesPerSecond = 0, EvaluatedRows = 0, DeadFraction = 0, ByK = [] },
        Files = new Dictionary<string, string>(),
        Versions = new Dictionary<string, string>(),
    };
}
