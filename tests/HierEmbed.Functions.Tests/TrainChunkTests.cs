using System.Text.Json;
using HierEmbed.Functions.Tests.Support;
using HierEmbed.Pipeline.Steps;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;

namespace HierEmbed.Functions.Tests;

public sealed class TrainChunkTests
{
    [Fact]
    public async Task TrainChunk_TwoWorkersOnOneChunk_OneWinsAndTheOtherReturnsTheWinners()
    {
        using var folder = new TemporaryFolder();
        using var winner = new App(folder, store => store);
        await winner.UploadDatasetAsync("docs");
        string runId = (await Activities.CallAsync<DatasetInput, PlannedRun>(winner, StepNames.PlanRun, new("docs"))).RunId!;
        await Activities.CallAsync(winner, StepNames.PackFile, new PackFileInput(runId, 0));
        await Activities.CallAsync(winner, StepNames.FitScaler, new RunInput(runId));
        string checkpoint = Layout.Checkpoint(runId, 0);
        var (won, stored) = (string.Empty, Array.Empty<byte>());
        using var loser = new App(folder, inner => new ObservedStore(inner)
        {
            // It has trained as well, and is about to put its checkpoint.
            Before = async call =>
            {
                if (call is not { Operation: nameof(IArtifactStore.WriteAsync) } || call.Name != checkpoint)
                    return;
                won = await TrainAsync(winner, runId);
                stored = await winner.Storage.Results.ReadBytesAsync(checkpoint, TestContext.Current.CancellationToken);
            },
        });

        string lost = await TrainAsync(loser, runId);

        // The rate that it trained at is in the answer, so two trainings would differ.
        Assert.Contains("samplesPerSecond", won, StringComparison.Ordinal);
        Assert.Equal(won, lost);
        Assert.Equal(stored, await winner.Storage.Results.ReadBytesAsync(checkpoint, TestContext.Current.CancellationToken));
        Assert.Single(await winner.ResultsAsync(Layout.Checkpoints(runId)));
    }

    private static async Task<string> TrainAsync(App app, string runId)
    {
        JsonElement answer = await Activities.CallAsync(app, StepNames.TrainChunk, new TrainChunkInput(runId, 0));
        return answer.GetRawText();
    }
}
