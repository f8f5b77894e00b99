using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;

namespace HierEmbed.Pipeline.Reports;

/// <summary>What a report is made from.</summary>
/// <param name="Manifest">What was trained.</param>
/// <param name="Metrics">Everything measured, as <c>metrics.json</c> holds it.</param>
internal sealed record ReportInput(ModelManifest Manifest, ModelMetrics Metrics)
{
    /// <summary>What the codes are worth; null where nothing was evaluated.</summary>
    public EvaluationReport? Evaluation => Metrics.Evaluation;
}
