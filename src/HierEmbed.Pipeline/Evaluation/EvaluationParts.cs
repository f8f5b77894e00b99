using System.Globalization;
using HierEmbed.Core.Evaluation;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using HierEmbed.Training.Evaluation;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>The parts of a run's evaluation: each is measured once and stored, and found from then on.</summary>
/// <param name="results">The results container.</param>
/// <param name="kept">Model and rows.</param>
/// <param name="run">The run.</param>
/// <param name="plan">Its plan.</param>
internal sealed class EvaluationParts(IArtifactStore results, KeptEvaluation kept, RunRecord run, RunPlan plan)
{
    /// <summary>The figures at a budget.</summary>
    public Task<BudgetEvaluation> BudgetAsync(int bytes, CancellationToken cancellationToken) =>
        PartAsync(bytes.ToString(CultureInfo.InvariantCulture), evaluation => Measure(evaluation, bytes, cancellationToken), cancellationToken);

    /// <summary>The figures at a k.</summary>
    public Task<FiguresAtK> KAsync(int k, CancellationToken cancellationToken) =>
        PartAsync(string.Create(CultureInfo.InvariantCulture, $"k-{k}"), evaluation => evaluation.MeasureK(k), cancellationToken);

    /// <summary>The figures of a prefix.</summary>
    public Task<FiguresOfPrefix> PrefixAsync(int latents, CancellationToken cancellationToken) =>
        PartAsync(string.Create(CultureInfo.InvariantCulture, $"prefix-{latents}"), evaluation => evaluation.MeasurePrefix(latents)!, cancellationToken);

    // A training of hours is not lost over a figure: what fails here fails in every attempt.
    private static BudgetEvaluation Measure(CodeEvaluation evaluation, int bytes, CancellationToken cancellationToken)
    {
        try
        {
            return evaluation.MeasureBudget(bytes, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException && !Faults.AreTransient(e))
        {
            return new BudgetEvaluation
            {
                BudgetBytes = bytes,
                Comparison = new ComparisonTable([], []),
                LeftOut = [string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes could not be measured: {Faults.Describe(e)}")],
            };
        }
    }

    private async Task<T> PartAsync<T>(string part, Func<CodeEvaluation, T> measure, CancellationToken cancellationToken) where T : class
    {
        string name = Layout.EvaluationPart(run.RunId, part);
        if ((await results.FindJsonAsync<T>(name, cancellationToken)).Value is { } found)
            return found;
        using OpenEvaluation open = await kept.OpenAsync(run.RunId, run.Dataset, plan, cancellationToken);
        T measured = measure(open.Evaluation);
        await results.WriteJsonAsync(name, measured, WriteCondition.Always, cancellationToken);
        return measured;
    }
}
