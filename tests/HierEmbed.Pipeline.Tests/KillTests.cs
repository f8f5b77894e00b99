using System.Globalization;
using System.Text;
using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

/// <summary>A host that is killed anywhere and started again publishes what an uninterrupted one does.</summary>
public sealed class KillTests
{
    private const int SampledKills = 10;
    private const string Recipe = """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":3,"batchRows":64}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_AtAChangeOfTheStore_SameModelAfterAnotherStart()
    {
        using Bench whole = await BenchAsync();
        int changes;
        using (var worker = new WorkerProcess(whole.Root))
        {
            (int exitCode, string printed) = await worker.EndAsync();
            Assert.Equal(0, exitCode);
            changes = int.Parse(printed, CultureInfo.InvariantCulture);
        }
        SortedDictionary<string, string> expected = await PublishedAsync(whole);
        Assert.True(changes > 40, $"A run makes {changes} changes.");

        (string When, int Change)[] points = [.. KillPoints(changes)];
        int killed = 0;
        await Parallel.ForEachAsync(points, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = Cancellation }, async (point, _) =>
        {
            if (await KillAndCompareAsync(point.When, point.Change, expected))
                Interlocked.Increment(ref killed);
        });
        // The last changes may not come: how often progress is written depends on time.
        Assert.True(killed >= points.Length * 0.8, $"{killed} of {points.Length} were killed.");
    }

    [Fact]
    public async Task Kill_AtRandomTimes_SameModelAfterAnotherStart()
    {
        using Bench whole = await BenchAsync();
        await whole.WorkOffAsync();
        SortedDictionary<string, string> expected = await PublishedAsync(whole);
        var random = new Random(20_260_101);

        using Bench killed = await BenchAsync();
        for (int i = 0; i < (IsLong ? 50 : 4); i++)
        {
            using var worker = new WorkerProcess(killed.Root, "forever");
            await Task.Delay(random.Next(300, 1500), Cancellation);
            await worker.KillAsync();
        }
        await FinishAsync(killed);

        Assert.Equal(string.Empty, Differences(expected, await PublishedAsync(killed)));
    }

    private static bool IsLong => Environment.GetEnvironmentVariable("HIEREMBED_LONG") == "1";

    /// <summary>Every change of a run, before and after it; or one of each tenth of them.</summary>
    private static IEnumerable<(string When, int Change)> KillPoints(int changes)
    {
        var random = new Random(changes);
        return IsLong
            ? Enumerable.Range(1, changes).SelectMany(n => new[] { ("before", n), ("after", n) })
            : Enumerable.Range(0, SampledKills).Select(i => (i % 2 == 0 ? "before" : "after", 1 + ((i * changes) + random.Next(changes)) / SampledKills));
    }

    /// <summary>Kills a host, starts it again and compares.</summary>
    /// <returns>Whether the point was reached.</returns>
    private static async Task<bool> KillAndCompareAsync(string when, int change, SortedDictionary<string, string> expected)
    {
        using Bench killed = await BenchAsync();
        int exitCode;
        using (var worker = new WorkerProcess(killed.Root, when, change.ToString(CultureInfo.InvariantCulture)))
        {
            (exitCode, _) = await worker.EndAsync();
            Assert.Contains(exitCode, (int[])[0, WorkerProcess.Killed]);
        }
        await FinishAsync(killed);
        string differences = Differences(expected, await PublishedAsync(killed));
        Assert.True(differences.Length == 0, $"Killed {when} change {change}, another model was published: {differences}");
        return exitCode == WorkerProcess.Killed;
    }

    /// <summary>What differs: file names, and of text the lines.</summary>
    private static string Differences(SortedDictionary<string, string> expected, SortedDictionary<string, string> actual)
    {
        IEnumerable<string> differing = expected.Keys.Union(actual.Keys).Where(name => expected.GetValueOrDefault(name) != actual.GetValueOrDefault(name));
        return string.Join('\n', differing.Select(name => $"{name}:\n{expected.GetValueOrDefault(name)}\nis now\n{actual.GetValueOrDefault(name)}"));
    }

    private static async Task<Bench> BenchAsync()
    {
        var bench = new Bench(SmallRuns.ManyPieces);
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(Recipe));
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(150, 1));
        await bench.UploadAsync("words/b.npy", SmallRows.Npy(60, 2));
        await bench.UploadAsync("words/labels.txt", Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 210).Select(row => $"c{row % 7}"))));
        return bench;
    }

    private static async Task FinishAsync(Bench bench)
    {
        // So that there is something to wait for where the killed host had done all.
        await bench.Pipeline.Markers.MarkAsync("words", Cancellation);
        await bench.WorkOffAsync();
    }

    /// <summary>Checks that one model is published and all else is gone.</summary>
    /// <returns>The model's files but for times.</returns>
    private static async Task<SortedDictionary<string, string>> PublishedAsync(Bench bench)
    {
        RunRecord run = Assert.Single(await bench.RunsAsync());
        Assert.Equal(RunState.Published, run.State);
        ModelManifest manifest = Assert.Single(await bench.Pipeline.Models.ListVersionsAsync("words", Cancellation));
        LatestPointer latest = (await bench.Pipeline.Models.FindLatestAsync("words", Cancellation)).Value!;
        Assert.Equal((run.ModelVersion, run.ModelVersion, run.RunId), (manifest.Version, latest.Version, latest.RunId));
        foreach (string prefix in (string[])["failures/", Layout.DirtyPrefix, Layout.Blocks(run.RunId), Layout.Checkpoints(run.RunId), Layout.EvaluationParts(run.RunId)])
            Assert.Empty(await bench.NamesAsync(prefix));
        SortedDictionary<string, string> files = await bench.SnapshotAsync("models/");
        // They hold what differs from run to run: a hash of the metrics with their rate, and twice the sequence.
        files.Remove(Layout.Manifest("words", manifest.Version));
        files.Remove(Layout.Latest("words"));
        files.Remove(Layout.CodesLatest("words", manifest.Version));
        return files;
    }
}
