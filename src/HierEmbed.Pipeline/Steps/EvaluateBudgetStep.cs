using HierEmbed.Core.Evaluation;
using HierEmbed.Pipeline.Evaluation;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of <see cref="EvaluateBudgetStep"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Bytes">Bytes a row.</param>
public sealed record EvaluateBudgetInput(string RunId, int Bytes) : IRunInput;

/// <summary>What was measured at a budget.</summary>
/// <param name="Recall10">Recall@10 of the model's codes; null where they were not measured.</param>
public sealed record EvaluatedBudget(double? Recall10);

/// <summary>Measures the model's codes and every baseline at one budget of bytes.</summary>
public sealed class EvaluateBudgetStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs, KeptRows keptRows, KeptEvaluation keptEvaluation)
    : RunStep<EvaluateBudgetInput, EvaluatedBudget>(StepNames.EvaluateBudget, "evaluate", runs)
{
    /// <inheritdoc />
    protected override async Task<StepResult<EvaluatedBudget>> ExecuteAsync(EvaluateBudgetInput input, RunRecord run, CancellationToken cancellationToken)
    {
        // Training is over: its rows need not wait in memory for the run's end.
        keptRows.Forget(run.RunId);
        RunPlan plan = await inputs.PlanAsync(run.RunId, cancellationToken);
        var parts = new EvaluationParts(storage.Results, keptEvaluation, run, plan);
        BudgetEvaluation measured = await parts.BudgetAsync(input.Bytes, cancellationToken);
        return StepResult.Of(new EvaluatedBudget(measured.Comparison.Figures.FirstOrDefault(entry => !entry.IsBaseline)?.Figures.Recall10));
    }
}
