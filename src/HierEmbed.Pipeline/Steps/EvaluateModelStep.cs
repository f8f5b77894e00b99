using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Pipeline.Evaluation;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using HierEmbed.Training;
using HierEmbed.Training.Evaluation;

namespace HierEmbed.Pipeline.Steps;

/// <summary>What the evaluation found at the recipe's largest k.</summary>
/// <param name="EvaluatedRows">Rows that it was measured on.</param>
public sealed record EvaluationResult(long EvaluatedRows);

/// <summary>Measures what no budget holds on rows that training never saw (the test split, or validation where there is none), and puts the metrics together.</summary>
public sealed class EvaluateModelStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs, KeptEvaluation keptEvaluation)
    : RunStep<TrainedInput, EvaluationResult>(StepNames.EvaluateModel, "evaluate", runs)
{
    /// <inheritdoc />
    protected override async Task<StepResult<EvaluationResult>> ExecuteAsync(TrainedInput input, RunRecord run, CancellationToken cancellationToken)
    {
        RunPlan plan = await inputs.PlanAsync(input.RunId, cancellationToken);
        StandardScaler scaler = await inputs.ScalerAsync(input.RunId, cancellationToken);
        TrainedCheckpoint training = await inputs.TrainedAsync(input.RunId, plan, input.LastChunk, cancellationToken);
        (IRowSource rows, SplitRows holder) = await inputs.MeasuredAsync(input.RunId, plan, cancellationToken);
        using SplitRows held = holder;

        EvaluationFigures figures = ModelEvaluation.Measure(training.Network, scaler, plan.Recipe, rows, CodeEvaluation.KsOf(plan.Recipe));
        EvaluationReport report = await ReportAsync(run, plan, cancellationToken);
        QuantizedEncoderMetrics? encoder = plan.Recipe.Recipe.EncoderPrecision == EncoderPrecision.Int8
            ? await CompareAsync(run, plan, training.Network, scaler, rows, cancellationToken) : null;
        keptEvaluation.Forget(run.RunId);
        EpochMetrics best = training.History[training.BestEpoch - 1];
        var metrics = new ModelMetrics
        {
            Epochs = training.History.Count,
            BestEpoch = training.BestEpoch,
            TrainLoss = best.TrainLoss,
            ValidationLoss = best.ValidationLoss,
            SamplesPerSecond = training.History.Average(e => e.SamplesPerSecond),
            EvaluatedRows = rows.Rows,
            SeenInTraining = report.SeenInTraining,
            DeadFraction = figures.DeadFraction,
            ByK = figures.ByK,
            History = training.History,
            Recall = RecallTable.Of(report),
            Encoder = encoder,
            Evaluation = report,
        };
        await storage.Results.WriteJsonAsync(Layout.Metrics(input.RunId), metrics, WriteCondition.Always, cancellationToken);
        return StepResult.Of(new EvaluationResult(rows.Rows));
    }

    private async Task<QuantizedEncoderMetrics> CompareAsync(
        RunRecord run, RunPlan plan, TrainedNetwork network, StandardScaler scaler, IRowSource rows, CancellationToken cancellationToken)
    {
        using OpenEvaluation open = await keptEvaluation.OpenAsync(run.RunId, run.Dataset, plan, cancellationToken);
        return await new EncoderComparison(storage.Results).MeasureAsync(run, plan, network, scaler, rows, open.Evaluation, cancellationToken);
    }

    private async Task<EvaluationReport> ReportAsync(RunRecord run, RunPlan plan, CancellationToken cancellationToken)
    {
        var parts = new EvaluationParts(storage.Results, keptEvaluation, run, plan);
        var budgets = new List<BudgetEvaluation>();
        foreach (int bytes in PackingTable.Budgets)
            budgets.Add(await parts.BudgetAsync(bytes, cancellationToken));
        var byK = new List<FiguresAtK>();
        foreach (int k in CodeEvaluation.KsOf(plan.Recipe))
            byK.Add(await parts.KAsync(k, cancellationToken));
        var prefixes = new List<FiguresOfPrefix>();
        foreach (int latents in CodeEvaluation.PrefixesOf(plan.Recipe))
            prefixes.Add(await parts.PrefixAsync(latents, cancellationToken));
        using OpenEvaluation open = await keptEvaluation.OpenAsync(run.RunId, run.Dataset, plan, cancellationToken);
        return open.Evaluation.Report(budgets, byK, prefixes, cancellationToken);
    }
}
