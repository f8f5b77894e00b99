using System.Diagnostics.CodeAnalysis;
using HierEmbed.Core.Options;
using HierEmbed.Core.Scaling;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using HierEmbed.Training;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of <see cref="TrainChunkStep"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Chunk">Number of the chunk, from 0; it goes on from the checkpoint of the chunk before.</param>
public sealed record TrainChunkInput(string RunId, int Chunk) : IRunInput;

/// <summary>Trains for one time budget and puts a checkpoint, unless another worker has put that of the same chunk: then that one counts.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose.")]
public sealed class TrainChunkStep(HierEmbedStorage storage, RunStore runs, HierEmbedOptions options) : RunStep<TrainChunkInput, TrainingProgress>(StepNames.TrainChunk, "train", runs)
{
    private const int KeptCheckpoints = 2;
    private readonly RunInputs inputs = new(storage.Results);
    private readonly SemaphoreSlim oneAtATime = new(1, 1);
    private LoadedRows? loaded;

    /// <summary>Rows of the run that trained last, kept between its chunks.</summary>
    private sealed record LoadedRows(string RunId, TrainingRows Rows);

    /// <inheritdoc />
    protected override async Task<StepResult<TrainingProgress>> ExecuteAsync(TrainChunkInput input, RunRecord run, CancellationToken cancellationToken)
    {
        string checkpoint = Layout.Checkpoint(input.RunId, input.Chunk);
        if (await storage.Results.FindAsync(checkpoint, cancellationToken) is not null)
            return StepResult.Of(await EndOfChunkAsync(input, cancellationToken));

        // A training takes all cores and most of the memory: several datasets take turns, chunk by chunk.
        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await TrainAsync(input, checkpoint, cancellationToken);
        }
        finally
        {
            oneAtATime.Release();
        }
        return StepResult.Of(await EndOfChunkAsync(input, cancellationToken));
    }

    private async Task TrainAsync(TrainChunkInput input, string checkpoint, CancellationToken cancellationToken)
    {
        using Trainer trainer = await TrainerAsync(input, cancellationToken);
        using (var progress = new ProgressWriter(storage.Results, Layout.Progress(input.RunId, input.Chunk)))
            trainer.Run(options.StepBudget, input.Chunk, progress.Report, cancellationToken);
        await storage.Results.WriteAsync(checkpoint, (stream, _) =>
        {
            trainer.Save(stream);
            return Task.CompletedTask;
        }, WriteCondition.IfAbsent, cancellationToken);
    }

    /// <summary>What the checkpoint that counts says, shown as the run's progress.</summary>
    private async Task<TrainingProgress> EndOfChunkAsync(TrainChunkInput input, CancellationToken cancellationToken)
    {
        TrainingProgress progress;
        RunPlan plan = await inputs.PlanAsync(input.RunId, cancellationToken);
        await using (Stream stream = await storage.Results.OpenReadAsync(Layout.Checkpoint(input.RunId, input.Chunk), null, cancellationToken))
            progress = TrainedCheckpoint.ReadProgress(stream, input.Chunk, plan.Recipe, plan.Rows.Train);
        await storage.Results.WriteJsonAsync(Layout.Progress(input.RunId, input.Chunk), progress, WriteCondition.Always, cancellationToken);
        if (input.Chunk >= KeptCheckpoints)
            await storage.Results.DeleteAsync(Layout.Checkpoint(input.RunId, input.Chunk - KeptCheckpoints), null, cancellationToken);
        if (progress.Finished && loaded?.RunId == input.RunId)
            loaded = null;
        return progress;
    }

    private async Task<Trainer> TrainerAsync(TrainChunkInput input, CancellationToken cancellationToken)
    {
        RunPlan plan = await inputs.PlanAsync(input.RunId, cancellationToken);
        StandardScaler scaler = await inputs.ScalerAsync(input.RunId, cancellationToken);
        TrainingRows rows = await RowsAsync(input.RunId, plan, cancellationToken);
        if (input.Chunk == 0)
            return Trainer.Start(plan.Recipe, scaler, plan.Seed, rows, options.Threads);
        await using Stream stream = await storage.Results.OpenReadAsync(Layout.Checkpoint(input.RunId, input.Chunk - 1), null, cancellationToken);
        return Trainer.Resume(stream, plan.Recipe, scaler, plan.Seed, rows, options.Threads);
    }

    /// <summary>The rows, kept between the chunks of one run.</summary>
    private async Task<TrainingRows> RowsAsync(string runId, RunPlan plan, CancellationToken cancellationToken)
    {
        if (loaded?.RunId == runId)
            return loaded.Rows;
        IReadOnlyDictionary<RowUse, RowMatrix> rows = await inputs.RowsAsync(runId, plan, [RowUse.Train, RowUse.Validation], cancellationToken);
        RowMatrix validation = rows[RowUse.Validation].Rows > 0 ? rows[RowUse.Validation] : rows[RowUse.Train];
        var trainingRows = new TrainingRows(rows[RowUse.Train], validation);
        loaded = new LoadedRows(runId, trainingRows);
        return trainingRows;
    }
}
