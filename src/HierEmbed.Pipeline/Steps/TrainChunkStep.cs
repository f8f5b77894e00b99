using System.Diagnostics.CodeAnalysis;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using HierEmbed.Training;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Input of <see cref="TrainChunkStep"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Chunk">Number of the chunk, from 0; it goes on from the newest checkpoint.</param>
public sealed record TrainChunkInput(string RunId, int Chunk) : IRunInput;

/// <summary>Trains for one time budget and puts a checkpoint, unless another worker has put that of the same chunk: then that one counts.</summary>
/// <remarks>Where later chunks are done already, the newest of them is the answer: a run that is taken up again after a crash repeats none.</remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle is never asked for holds nothing to dispose.")]
public sealed class TrainChunkStep(HierEmbedStorage storage, RunStore runs, RunInputs inputs, KeptRows keptRows, HierEmbedOptions options) : RunStep<TrainChunkInput, TrainingProgress>(StepNames.TrainChunk, "train", runs)
{
    private const int KeptCheckpoints = 2;
    private readonly SemaphoreSlim oneAtATime = new(1, 1);

    /// <inheritdoc />
    protected override async Task<StepResult<TrainingProgress>> ExecuteAsync(TrainChunkInput input, RunRecord run, CancellationToken cancellationToken)
    {
        RunPlan plan = await inputs.PlanAsync(input.RunId, cancellationToken);
        TrainingProgress? newest = await NewestAsync(input.RunId, plan, cancellationToken);
        if (newest is null || newest.Chunk < input.Chunk)
        {
            await TrainAsync(input, plan, cancellationToken);
            newest = await NewestAsync(input.RunId, plan, cancellationToken) ?? throw new ArtifactNotFoundException(Layout.Checkpoint(input.RunId, input.Chunk));
        }
        await storage.Results.WriteJsonAsync(Layout.Progress(input.RunId, newest.Chunk), newest, WriteCondition.Always, cancellationToken);
        await DropOlderAsync(input.RunId, newest.Chunk, cancellationToken);
        if (newest.Finished)
            keptRows.Forget(input.RunId);
        return StepResult.Of(newest);
    }

    private async Task TrainAsync(TrainChunkInput input, RunPlan plan, CancellationToken cancellationToken)
    {
        // A training takes all cores and most of the memory: several datasets take turns, chunk by chunk.
        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            using SharedRows rows = await keptRows.OpenAsync(input.RunId, plan, cancellationToken);
            using Trainer trainer = await TrainerAsync(input.RunId, plan, rows.Rows, cancellationToken);
            using (var progress = new ProgressWriter(storage.Results, Layout.Progress(input.RunId, input.Chunk)))
                trainer.Run(options.StepBudget, input.Chunk, progress.Report, cancellationToken);
            await storage.Results.WriteAsync(Layout.Checkpoint(input.RunId, input.Chunk), (stream, _) =>
            {
                trainer.Save(stream);
                return Task.CompletedTask;
            }, WriteCondition.IfAbsent, cancellationToken);
        }
        catch
        {
            // The run may not go on, and then nobody would let its rows go.
            keptRows.Forget(input.RunId);
            throw;
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private async Task<Trainer> TrainerAsync(string runId, RunPlan plan, TrainingRows rows, CancellationToken cancellationToken)
    {
        if (await OpenNewestAsync(runId, cancellationToken) is not { } newest)
            return Trainer.Start(plan.Recipe, plan.Seed, rows, options.Threads);
        await using (newest.Content)
            return Trainer.Resume(newest.Content, plan.Recipe, plan.Seed, rows, options.Threads);
    }

    /// <summary>How far the newest checkpoint is, or null where there is none.</summary>
    private async Task<TrainingProgress?> NewestAsync(string runId, RunPlan plan, CancellationToken cancellationToken)
    {
        if (await OpenNewestAsync(runId, cancellationToken) is not { } newest)
            return null;
        await using (newest.Content)
            return TrainedCheckpoint.ReadProgress(newest.Content, newest.Chunk, plan.Recipe, plan.Rows.Train);
    }

    private async Task<(int Chunk, Stream Content)?> OpenNewestAsync(string runId, CancellationToken cancellationToken)
    {
        while (true)
        {
            string? name = null;
            await foreach (ArtifactInfo info in storage.Results.ListAsync(Layout.Checkpoints(runId), cancellationToken))
                name = info.Name;
            if (name is null)
                return null;
            try
            {
                return (Layout.CheckpointNumber(name), await storage.Results.OpenReadAsync(name, null, cancellationToken));
            }
            catch (ArtifactNotFoundException)
            {
                // Another worker is ahead and has dropped it since: there is a newer one.
            }
        }
    }

    private async Task DropOlderAsync(string runId, int newest, CancellationToken cancellationToken)
    {
        var older = new List<string>();
        await foreach (ArtifactInfo info in storage.Results.ListAsync(Layout.Checkpoints(runId), cancellationToken))
        {
            if (Layout.CheckpointNumber(info.Name) <= newest - KeptCheckpoints)
                older.Add(info.Name);
        }
        foreach (string name in older)
            await storage.Results.DeleteAsync(name, null, cancellationToken);
    }
}
