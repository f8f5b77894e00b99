using System.Collections.Concurrent;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Pipeline.Tests;

public sealed class TransientFaultTests : IDisposable
{
    private readonly Bench bench = new(SmallRuns.ManyPieces);

    /// <param name="done">Whether the store had done it when the call failed, as when an answer is lost.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Host_EveryKindOfCallFailsOnce_PublishesTheSameModel(bool done)
    {
        using var undisturbed = new Bench(SmallRuns.ManyPieces);
        foreach (Bench each in (Bench[])[bench, undisturbed])
            await each.UploadDatasetAsync("words");
        var failed = new ConcurrentDictionary<StoreCall, bool>();
        // As a file system fails, and as a request does that timed out.
        Task FailOnce(StoreCall call) => !failed.TryAdd(call, true) ? Task.CompletedTask
            : failed.Count % 2 == 0 ? throw new IOException($"{call} failed") : throw new TaskCanceledException($"{call} timed out");
        foreach (ObservedStore store in (ObservedStore[])[bench.Uploads, bench.Results])
        {
            if (done)
                store.After = FailOnce;
            else
                store.Before = FailOnce;
        }

        // As many attempts as a step has calls that can fail.
        await using (var engine = new InProcessEngine(bench.Pipeline, TimeProvider.System, NullLogger.Instance, new StepRetry(100, TimeSpan.Zero)))
        {
            engine.Start();
            await bench.WorkedOffAsync();
        }
        await undisturbed.WorkOffAsync();
        bench.Results.Before = bench.Results.After = _ => Task.CompletedTask;

        Assert.True(failed.Count > 50);
        RunRecord run = Assert.Single(await bench.RunsAsync());
        Assert.Equal(RunState.Published, run.State);
        Assert.Empty(await bench.NamesAsync("failures/"));
        string version = Layout.Version("words", run.ModelVersion!);
        Assert.Equal(await FilesAsync(undisturbed, version), await FilesAsync(bench, version));
    }

    [Fact]
    public async Task Host_StorageStaysAwayLongerThanTheRetries_TakesTheRunUpAgain()
    {
        await bench.UploadDatasetAsync("words");
        int faults = 0;
        bench.Results.Before = call => call.Changes && call.Name.EndsWith(Layout.EncoderFile, StringComparison.Ordinal) && ++faults < 12
            ? throw new IOException("away")
            : Task.CompletedTask;

        await bench.WorkOffAsync();

        Assert.True(faults >= 12);
        Assert.Equal(RunState.Published, Assert.Single(await bench.RunsAsync()).State);
    }

    [Theory]
    [InlineData("/rows/000000-000000.npy")]
    [InlineData("/checkpoints/000001.safetensors")]
    public async Task Host_AnotherWorkerWritesAnewWhatIsRead_ReadsItAgain(string read)
    {
        await bench.UploadDatasetAsync("words");
        int changed = 0;
        bench.Results.Before = call => call.Operation == nameof(IArtifactStore.OpenReadAsync) && call.Name.EndsWith(read, StringComparison.Ordinal) && changed++ == 0
            ? throw new ArtifactChangedException(call.Name, "before")
            : Task.CompletedTask;

        await bench.WorkOffAsync();

        Assert.True(changed > 1);
        Assert.Equal((RunState.Published, (string?)null), (Assert.Single(await bench.RunsAsync()).State, Assert.Single(await bench.RunsAsync()).LastFault));
    }

    [Fact]
    public async Task Host_StepMeetsAFault_RecordSaysSoUntilItIsOver()
    {
        await bench.UploadDatasetAsync("words");
        string? shown = null;
        int faults = 0;
        bench.Results.Before = async call =>
        {
            if (!call.Changes || !call.Name.EndsWith(Layout.EncoderFile, StringComparison.Ordinal))
                return;
            shown ??= (await bench.OtherHost().Runs.ListAsync(null, TestContext.Current.CancellationToken).SingleAsync(TestContext.Current.CancellationToken)).LastFault;
            if (++faults < 3)
                throw new IOException("disk\nfull");
        };

        await bench.WorkOffAsync();

        Assert.Equal("Step ExportModel failed and is tried again: IOException: disk full", shown);
        Assert.Equal((RunState.Published, (string?)null), (Assert.Single(await bench.RunsAsync()).State, Assert.Single(await bench.RunsAsync()).LastFault));
    }

    /// <summary>But for what holds a hash of figures with times, or the sequence, which a failed call may have counted up.</summary>
    private static async Task<IEnumerable<KeyValuePair<string, string>>> FilesAsync(Bench from, string version) =>
        (await from.SnapshotAsync(version)).Where(file => !file.Key.EndsWith(Layout.ManifestFile, StringComparison.Ordinal) && !file.Key.EndsWith("codes/latest.json", StringComparison.Ordinal));

    public void Dispose() => bench.Dispose();
}
