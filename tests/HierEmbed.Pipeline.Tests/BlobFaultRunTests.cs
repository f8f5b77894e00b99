using System.Collections.Concurrent;
using Azure.Core;
using HierEmbed.Azurite;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;
using HierEmbed.Storage.Tests.Blobs;

namespace HierEmbed.Pipeline.Tests;

/// <summary>Whole runs on a blob service that refuses, fails or does not answer: the outcome is that of an undisturbed run, and nothing half-written is served.</summary>
public sealed class BlobFaultRunTests(AzuriteServer azurite)
{
    private const int SampledCalls = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static bool IsLong => Environment.GetEnvironmentVariable("HIEREMBED_LONG") == "1";

    private static Dictionary<string, Func<Request, Fault>> Kinds => new()
    {
        ["forbidden"] = _ => new Fault(403, "AuthorizationFailure"),
        ["conflict"] = _ => new Fault(409, "ContainerBeingDeleted"),
        // Where a condition was sent, as if another had been first.
        ["condition"] = request => new Fault(412, request.Headers.Contains("If-Match") ? "ConditionNotMet" : "LeaseIdMissing"),
        ["failure"] = _ => new Fault(500, "InternalError"),
        ["answer is lost"] = _ => new Fault(500, "InternalError", Done: true),
        ["hangs"] = _ => new Fault(Hangs: true),
    };

    public static TheoryData<string> KindNames => [.. Kinds.Keys];

    /// <summary>The n-th call of a run fails with all its retries, for n over the run.</summary>
    [Theory]
    [MemberData(nameof(KindNames))]
    public async Task Host_OneCallFails_PublishesTheSameModel(string kind)
    {
        (int calls, SortedDictionary<string, string> expected) = await UndisturbedAsync();
        Assert.True(calls > 100, $"A run makes {calls} calls.");
        int[] points = Points(calls, seed: kind.Length);
        var failures = new ConcurrentQueue<string>();
        int met = 0;
        await Parallel.ForEachAsync(points, new ParallelOptions { MaxDegreeOfParallelism = 3, CancellationToken = Cancellation }, async (point, _) =>
        {
            var faults = new CallFaults((call, request) => call == point && !CallFaults.IsLook(request) ? Kinds[kind](request) : null);
            if (await DifferenceAsync(faults, expected) is { } difference)
                failures.Enqueue($"call {point}: {difference}");
            Interlocked.Add(ref met, faults.Met);
        });

        Assert.Empty(failures);
        // The last calls may not come: how often progress is written depends on time.
        Assert.True(met * 3 >= points.Length * 2, $"{met} of {points.Length} were reached.");
    }

    [Fact]
    public async Task Host_CallsFailAgainAndAgain_PublishesTheSameModel()
    {
        (_, SortedDictionary<string, string> expected) = await UndisturbedAsync();
        Func<Request, Fault>[] kinds = [.. Kinds.Values];
        for (int seed = 0; seed < (IsLong ? 20 : 1); seed++)
        {
            var random = new Random(seed);
            var gate = new Lock();
            var faults = new CallFaults((_, request) =>
            {
                lock (gate)
                    return random.Next(25) == 0 ? kinds[random.Next(kinds.Length)](request) : null;
            });
            Assert.Null(await DifferenceAsync(faults, expected));
            Assert.True(faults.Met > 3);
        }
    }

    /// <summary>Nothing can be written then, so only the log can say it; the run is taken up where it was.</summary>
    [Theory]
    [InlineData(40)]
    [InlineData(90)]
    public async Task Host_StorageForbidsAllForAWhile_TakesTheRunUpAgain(int from)
    {
        (_, SortedDictionary<string, string> expected) = await UndisturbedAsync();
        var bench = new BlobBench(azurite);
        await bench.UploadDatasetAsync("words");
        var log = new RecordedLog();
        bool isOver = false;
        var faults = new CallFaults((call, _) => call >= from && !Volatile.Read(ref isOver) ? new Fault(403, "AuthorizationPermissionMismatch") : null);
        await using (InProcessEngine engine = BlobBench.Engine(bench.Open(faults), log))
        {
            engine.Start();
            await Bench.UntilAsync(() => Task.FromResult(log.Lines.Any(line => line.StartsWith("Error: The watcher of dataset words failed", StringComparison.Ordinal))));
            Assert.False(Assert.Single(await bench.RunsAsync()).HasEnded);
            Assert.Empty(await bench.NamesAsync("failures/"));
            Volatile.Write(ref isOver, true);
            await bench.WorkedOffAsync();
        }
        Assert.Null(await DifferenceAsync(bench, expected));
    }

    [Fact]
    public async Task Host_UploadMayNotBeRead_RunSaysSoUntilItMay()
    {
        var bench = new BlobBench(azurite);
        await bench.UploadDatasetAsync("words");
        bool isOver = false;
        var faults = new CallFaults((_, request) => request.Method == RequestMethod.Get && request.Uri.Path.EndsWith("/a.npy", StringComparison.Ordinal) && !Volatile.Read(ref isOver)
            ? new Fault(403, "AuthorizationPermissionMismatch") : null);
        await using InProcessEngine engine = BlobBench.Engine(bench.Open(faults));
        engine.Start();

        RunRecord? run = null;
        await Bench.UntilAsync(async () => (run = (await bench.RunsAsync()).SingleOrDefault())?.LastFault is not null);
        Assert.Equal((RunState.Running, "pack"), (run!.State, run.Step));
        Assert.StartsWith("Step PackFile failed and is tried again: the blob service answered 403 AuthorizationPermissionMismatch", run.LastFault, StringComparison.Ordinal);
        Assert.InRange(run.LastFault!.Length, 50, 300);
        // It is no failure for good: the run goes on by itself.
        Assert.Empty(await bench.NamesAsync("failures/"));

        Volatile.Write(ref isOver, true);
        await bench.WorkedOffAsync();
        run = Assert.Single(await bench.RunsAsync());
        Assert.Equal((RunState.Published, (string?)null), (run.State, run.LastFault));
    }

    /// <summary>One of each stretch of a run's calls, or all of them.</summary>
    private static int[] Points(int calls, int seed)
    {
        var random = new Random(seed);
        int reached = calls * 9 / 10;
        return IsLong ? [.. Enumerable.Range(1, reached)] : [.. Enumerable.Range(0, SampledCalls).Select(i => 1 + (((i * reached) + random.Next(reached)) / SampledCalls))];
    }

    /// <summary>Calls of a run, and the files that it publishes.</summary>
    private async Task<(int Calls, SortedDictionary<string, string> Files)> UndisturbedAsync()
    {
        var bench = new BlobBench(azurite);
        await bench.UploadDatasetAsync("words");
        var calls = new CallFaults((_, _) => null);
        await bench.WorkOffAsync(bench.Open(calls));
        return (calls.Calls, await FilesAsync(bench));
    }

    private async Task<string?> DifferenceAsync(CallFaults faults, SortedDictionary<string, string> expected)
    {
        var bench = new BlobBench(azurite);
        await bench.UploadDatasetAsync("words");
        try
        {
            await bench.WorkOffAsync(bench.Open(faults));
        }
        catch (TimeoutException e)
        {
            return e.Message;
        }
        return await DifferenceAsync(bench, expected);
    }

    /// <summary>What is otherwise than after an undisturbed run; null where nothing is.</summary>
    private static async Task<string?> DifferenceAsync(BlobBench bench, SortedDictionary<string, string> expected)
    {
        RunRecord run = Assert.Single(await bench.RunsAsync());
        if (run is not { State: RunState.Published, Problem: null, LastFault: null })
            return run.ToString();
        string[] left = [.. await bench.NamesAsync("failures/"), .. await bench.NamesAsync(Layout.DirtyPrefix)];
        if (left.Length > 0)
            return $"left: {string.Join(' ', left)}";
        if ((await bench.LatestAsync("words")).Version != run.ModelVersion)
            return $"{await bench.LatestAsync("words")} is served after {run}";
        SortedDictionary<string, string> files = await FilesAsync(bench);
        return files.SequenceEqual(expected) ? null : $"published {string.Join(' ', files)} where an undisturbed run publishes {string.Join(' ', expected)}";
    }

    private static async Task<SortedDictionary<string, string>> FilesAsync(BlobBench bench)
    {
        SortedDictionary<string, string> files = await StoredState.SnapshotAsync(bench.Results, Layout.ModelsPrefix);
        // The report names the run, whose id follows from ETags.
        foreach (string name in files.Keys.Where(name => name.EndsWith(".json", StringComparison.Ordinal) || name.EndsWith(".html", StringComparison.Ordinal)).ToArray())
            files.Remove(name);
        return files;
    }
}
