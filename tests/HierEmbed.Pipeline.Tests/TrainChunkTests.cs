using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class TrainChunkTests : IDisposable
{
    private readonly Bench bench = new(SmallRuns.ManyPieces);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Train_OneStepAChunk_SameModelAsInOneGo()
    {
        using var other = new Bench();
        await bench.UploadDatasetAsync("words");
        await other.UploadDatasetAsync("words");
        // One block as there: the content's hash, and with it the version, is over blocks.
        bench.Options.BlockBytes = other.Options.BlockBytes;

        RunRecord inChunks = await bench.TrainAsync("words");
        RunRecord inOneGo = await other.TrainAsync("words");

        Assert.Equal((RunState.Published, RunState.Published), (inChunks.State, inOneGo.State));
        Assert.Equal(inOneGo.ModelVersion, inChunks.ModelVersion);
        foreach (string file in (string[])[Layout.EncoderFile, Layout.DictionaryFile])
        {
            string name = Layout.Version("words", inOneGo.ModelVersion!) + file;
            Assert.Equal(await other.Pipeline.Storage.Results.ReadBytesAsync(name, Cancellation), await bench.Pipeline.Storage.Results.ReadBytesAsync(name, Cancellation));
        }
        Assert.True((await bench.Pipeline.Runs.ProgressAsync(inChunks.RunId, Cancellation))!.Chunk > 5);
    }

    [Fact]
    public async Task TrainChunk_TwoWorkersOnOneChunk_BothReturnTheWinner()
    {
        string runId = await FittedAsync();
        HierEmbedPipeline loser = SmallRuns.Open(bench.Root, bench.Options, inner => new ObservedStore(inner)
        {
            // The other's checkpoint comes while this one's is about to be put, and is further: it counts.
            Before = async call =>
            {
                if (call is { Operation: nameof(IArtifactStore.WriteAsync) } && call.Name == Layout.Checkpoint(runId, 0))
                {
                    bench.Options.StepBudget = TimeSpan.FromHours(1);
                    await TrainAsync(runId, 0, bench.Pipeline);
                }
            },
        });

        TrainingProgress lost = await TrainAsync(runId, 0, loser);
        byte[] checkpoint = await bench.Pipeline.Storage.Results.ReadBytesAsync(Layout.Checkpoint(runId, 0), Cancellation);
        TrainingProgress won = await TrainAsync(runId, 0, bench.Pipeline);

        Assert.True(won.Finished);
        Assert.Equal(won, lost);
        Assert.Equal(checkpoint, await bench.Pipeline.Storage.Results.ReadBytesAsync(Layout.Checkpoint(runId, 0), Cancellation));
    }

    [Fact]
    public async Task TrainChunk_LaterChunksAreDone_NewestIsTheAnswerAndNothingIsRepeated()
    {
        string runId = await FittedAsync();
        TrainingProgress newest = null!;
        for (int chunk = 0; chunk < 5; chunk++)
            newest = await TrainAsync(runId, chunk, bench.Pipeline);
        SortedDictionary<string, string> before = await bench.SnapshotAsync(Layout.Checkpoints(runId));

        // As a workflow that begins anew asks, and a worker that was held up.
        Assert.Equal(newest, await TrainAsync(runId, 0, bench.OtherHost()));
        Assert.Equal(newest, await TrainAsync(runId, 3, bench.OtherHost()));

        Assert.Equal([Layout.Checkpoint(runId, 3), Layout.Checkpoint(runId, 4)], before.Keys);
        Assert.Equal(before, await bench.SnapshotAsync(Layout.Checkpoints(runId)));
    }

    [Fact]
    public async Task TrainChunk_AnotherWorkerRunsAhead_NoChunkFails()
    {
        string runId = await FittedAsync();
        int ahead = 0;
        HierEmbedPipeline slow = SmallRuns.Open(bench.Root, bench.Options, inner => new ObservedStore(inner)
        {
            // Between its look for a checkpoint and the opening of it, the other is three chunks further.
            Before = async call =>
            {
                if (call.Operation == nameof(IArtifactStore.OpenReadAsync) && call.Name.Contains("/checkpoints/", StringComparison.Ordinal) && ahead < 6)
                {
                    for (int i = 0; i < 3; i++)
                        await TrainAsync(runId, ahead++, bench.Pipeline);
                }
            },
        });
        await TrainAsync(runId, ahead++, bench.Pipeline);

        TrainingProgress progress = await TrainAsync(runId, 1, slow);

        Assert.Equal(ahead - 1, progress.Chunk);
    }

    [Fact]
    public async Task TrainChunk_ProgressCannotBeWritten_TrainingGoesOn()
    {
        string runId = await FittedAsync();
        bench.Options.StepBudget = TimeSpan.FromHours(1);
        int writes = 0;
        bench.Results.Before = call => call.Changes && call.Name.Contains("/progress/", StringComparison.Ordinal) && writes++ == 0
            ? throw new IOException("disk full") : Task.CompletedTask;

        TrainingProgress progress = await TrainAsync(runId, 0, bench.Pipeline);

        Assert.True(progress.Finished);
        // One of these at least while it trained, and the step's own after it.
        Assert.True(writes > 1);
    }

    private async Task<string> FittedAsync(string recipe = SmallRows.Recipe)
    {
        await bench.UploadDatasetAsync("words", recipe: recipe);
        bench.Options.BlockBytes = 64 * 1024;
        string runId = (await bench.PlanAsync("words"))!;
        await bench.CallAsync<PackFileInput, StepResult<PackProgress>>(StepNames.PackFile, new(runId, 0));
        await bench.CallAsync<PackFileInput, StepResult<PackProgress>>(StepNames.PackFile, new(runId, 0));
        Assert.NotNull((await bench.CallAsync<RunInput, StepResult<FittedRun>>(StepNames.FitScaler, new(runId))).Value);
        return runId;
    }

    private async Task<TrainingProgress> TrainAsync(string runId, int chunk, HierEmbedPipeline pipeline)
    {
        StepResult<TrainingProgress> result = await bench.CallAsync<TrainChunkInput, StepResult<TrainingProgress>>(StepNames.TrainChunk, new(runId, chunk), pipeline);
        Assert.Null(result.End);
        return result.Value!;
    }

    public void Dispose() => bench.Dispose();
}
