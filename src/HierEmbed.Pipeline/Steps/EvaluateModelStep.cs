using HierEmbed.Core.Models;
using HierEmbed.Core.Scaling;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using HierEmbed.Training;

namespace HierEmbed.Pipeline.Steps;

/// <summary>What the evaluation found at the recipe's largest k.</summary>
/// <param name="EvaluatedRows">Rows that it was measured on.</param>
public sealed record EvaluationResult(long EvaluatedRows);

/// <summary>Measures FVU, L0 and dead latents at each k on rows that training never saw: the test split, or validation where there is none.</summary>
public sealed class EvaluateModelStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs) : RunStep<TrainedInput, EvaluationResult>(StepNames.EvaluateModel, "evaluate", runs)
{
    private static readonly int[] Budgets = [8, 16, 32, 64, 128];

    /// <inheritdoc />
    protected override async Task<StepResult<EvaluationResult>> ExecuteAsync(TrainedInput input, RunRecord run, CancellationToken cancellationToken)
    {
        RunPlan plan = await inputs.PlanAsync(input.RunId, cancellationToken);
        StandardScaler scaler = await inputs.ScalerAsync(input.RunId, cancellationToken);
        TrainedCheckpoint training = await inputs.TrainedAsync(input.RunId, plan, input.LastChunk, cancellationToken);
        (IRowSource rows, SplitRows holder) = await inputs.HeldOutAsync(input.RunId, plan, RowUse.Test, cancellationToken);
        using SplitRows held = holder;

        int[] ks = [.. Budgets.Where(k => k <= plan.Recipe.LatentDims)];
        EvaluationFigures figures = ModelEvaluation.Measure(training.Network, scaler, plan.Recipe, rows, ks);
        EpochMetrics best = training.History[training.BestEpoch - 1];
        var metrics = new ModelMetrics
        {
            Epochs = training.History.Count,
            BestEpoch = training.BestEpoch,
            TrainLoss = best.TrainLoss,
            ValidationLoss = best.ValidationLoss,
            SamplesPerSecond = training.History.Average(e => e.SamplesPerSecond),
            EvaluatedRows = rows.Rows,
            DeadFraction = figures.DeadFraction,
            ByK = figures.ByK,
        };
        await storage.Results.WriteJsonAsync(Layout.Metrics(input.RunId), metrics, WriteCondition.Always, cancellationToken);
        return StepResult.Of(new EvaluationResult(rows.Rows));
    }
}
