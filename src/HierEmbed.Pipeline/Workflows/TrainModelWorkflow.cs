using HierEmbed.Core.Codes.Packed;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Workflows;

/// <summary>Trains one dataset state and publishes the model: pack, fit, train, export, evaluate, encode, publish.</summary>
/// <remarks>Holds no vectors and makes no decision that its steps' answers do not carry, so an engine may replay it at any time.</remarks>
public static class TrainModelWorkflow
{
    /// <summary>Name that engines know it by.</summary>
    public const string Name = "TrainModel";

    /// <summary>Runs one run to its outcome.</summary>
    public static async Task<RunRecord> RunAsync(IWorkflowContext context, RunInput input)
    {
        StepResult<RunBeginning> begun = await context.CallStepAsync<StepResult<RunBeginning>>(StepNames.BeginRun, input);
        RunEnd end = begun is { Value: { } run } ? await WorkAsync(context, input, run) : begun.End!;
        RunRecord ended = await context.CallStepAsync<RunRecord>(StepNames.EndRun, new EndRunInput(input.RunId, end, begun.Value?.Sequence));
        Log.RunEnded(context.Logger, ended.RunId, ended.State, ended.Problem?.Detail ?? ended.ModelVersion);
        return ended;
    }

    private static async Task<RunEnd> WorkAsync(IWorkflowContext context, RunInput input, RunBeginning run)
    {
        var status = new RunStatus("pack");
        context.SetStatus(status);
        RunEnd? end = await ForEachAsync(run.Files, run.MaxParallelSteps, file => PackFileAsync(context, input.RunId, file));
        if (end is not null)
            return end;

        StepResult<FittedRun> fit = await context.CallStepAsync<StepResult<FittedRun>>(StepNames.FitScaler, input);
        if (fit is not { Value: { } fitted })
            return fit.End!;

        status = status with { Rows = fitted.Rows };
        bool trains = run.EncodeWith is null;
        string version = run.EncodeWith ?? fitted.Version;
        if (trains && !fitted.IsPublished)
        {
            (status, end) = await MakeModelAsync(context, input, run.MaxParallelSteps, status);
            if (end is not null)
                return end;
        }

        context.SetStatus(status with { Step = "encode" });
        end = await ForEachAsync(fitted.Blocks, run.MaxParallelSteps, block => EncodeBlockAsync(context, new EncodeBlockInput(input.RunId, version, block)));
        if (end is not null)
            return end;

        context.SetStatus(status with { Step = "publish" });
        StepResult<RunEnd> published = await context.CallStepAsync<StepResult<RunEnd>>(StepNames.PublishModel, new PublishInput(input.RunId, version, trains));
        return published.Value ?? published.End!;
    }

    private static async Task<(RunStatus Status, RunEnd? End)> MakeModelAsync(IWorkflowContext context, RunInput input, int lanes, RunStatus status)
    {
        int chunk = 0;
        context.SetStatus(status = status with { Step = "train", Percent = 0 });
        while (true)
        {
            StepResult<TrainingProgress> trained = await context.CallStepAsync<StepResult<TrainingProgress>>(StepNames.TrainChunk, new TrainChunkInput(input.RunId, chunk));
            if (trained is not { Value: { } progress })
                return (status, trained.End);
            // A run that is taken up again skips the chunks that it has done.
            chunk = progress.Chunk;
            context.SetStatus(status = status with { Percent = progress.PercentDone(), Epoch = progress.Epoch, Epochs = progress.Epochs, Loss = progress.Last?.TrainLoss });
            if (progress.Finished)
                break;
            chunk++;
        }
        var trainedInput = new TrainedInput(input.RunId, chunk);
        context.SetStatus(status = status with { Step = "export" });
        RunEnd? end = (await context.CallStepAsync<StepResult<ExportResult>>(StepNames.ExportModel, trainedInput)).End;
        if (end is not null)
            return (status, end);
        context.SetStatus(status = status with { Step = "evaluate" });
        end = await ForEachAsync(PackingTable.Budgets.Count, lanes, budget => EvaluateBudgetAsync(context, new EvaluateBudgetInput(input.RunId, PackingTable.Budgets[budget])));
        end ??= (await context.CallStepAsync<StepResult<EvaluationResult>>(StepNames.EvaluateModel, trainedInput)).End;
        return (status, end ?? (await context.CallStepAsync<StepResult<SealedModel>>(StepNames.SealModel, input)).End);
    }

    private static async Task<RunEnd?> PackFileAsync(IWorkflowContext context, string runId, int file)
    {
        while (true)
        {
            StepResult<PackProgress> packed = await context.CallStepAsync<StepResult<PackProgress>>(StepNames.PackFile, new PackFileInput(runId, file));
            if (packed is not { Value: { } progress })
                return packed.End;
            if (progress.Done)
                return null;
        }
    }

    private static async Task<RunEnd?> EvaluateBudgetAsync(IWorkflowContext context, EvaluateBudgetInput input) =>
        (await context.CallStepAsync<StepResult<EvaluatedBudget>>(StepNames.EvaluateBudget, input)).End;

    private static async Task<RunEnd?> EncodeBlockAsync(IWorkflowContext context, EncodeBlockInput input) =>
        (await context.CallStepAsync<StepResult<EncodedBlock>>(StepNames.EncodeBlock, input)).End;

    /// <summary>Calls a step for each index, so many at a time; the end of the lowest index that has one, once all that began are done.</summary>
    private static async Task<RunEnd?> ForEachAsync(int count, int lanes, Func<int, Task<RunEnd?>> call)
    {
        var ends = new RunEnd?[count];
        int next = 0;
        bool ended = false;
        async Task LaneAsync()
        {
            while (next < count && !ended)
            {
                int index = next++;
                ends[index] = await call(index);
                ended |= ends[index] is not null;
            }
        }
        await Task.WhenAll(Enumerable.Range(0, Math.Min(lanes, count)).Select(_ => LaneAsync()));
        return ends.FirstOrDefault(end => end is not null);
    }
}
