using System.Text;
using HierEmbed.Core.Models;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.PipelineWorker;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

/// <summary>Which stored codes, vectors and labels a clearing keeps.</summary>
public sealed class CodesRetentionTests : IDisposable
{
    private const string Never = """{"recipe":"sparse","latentDims":32,"trainKs":[4],"epochs":3,"batchRows":32,"retrain":"never"}""";
    private readonly Bench bench = new(SmallRuns.OnePiece);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apply_FilesAreReplacedUnderOneVersion_OnlyWhatIndexesOfKeptRunsListStays()
    {
        bench.Options.KeepRuns = 2;
        await bench.UploadAsync("words/training.json", Encoding.UTF8.GetBytes(Never));
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(120, 1));
        var runs = new List<RunRecord> { await bench.TrainAsync("words") };
        for (int seed = 2; seed < 5; seed++)
        {
            await bench.UploadAsync("words/a.npy", SmallRows.Npy(60, seed));
            runs.Add(await bench.TrainAsync("words"));
        }

        string folder = Layout.Version("words", runs[0].ModelVersion!);
        // What was written within the hour stays: a run that begins meanwhile may have found it stored.
        Assert.Equal(4, (await bench.NamesAsync(folder + Layout.CodesFolder)).Count(name => name.EndsWith(".codes", StringComparison.Ordinal)));
        await MakeOldAsync(folder);
        Assert.Null(await bench.PlanAsync("words"));
        Assert.All(runs, run => Assert.Equal(runs[0].ModelVersion, run.ModelVersion));
        IEnumerable<string> expected = runs.TakeLast(2).SelectMany(run => new[] { $"codes/{run.RunId}.json" }).Append("codes/latest.json");
        foreach (RunRecord run in runs.TakeLast(2))
        {
            CodesIndexEntry entry = Assert.Single(await IndexAsync(run));
            expected = expected.Concat([$"codes/{entry.Codes}", $"vectors/{entry.Vectors}"]);
        }
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await bench.NamesAsync(folder)).Select(name => name[folder.Length..]).Where(name => name.Contains('/', StringComparison.Ordinal)));
    }

    /// <summary>It may have found stored what no index lists any more.</summary>
    [Fact]
    public async Task Apply_ARunBeginsMeanwhile_AllCodesStay()
    {
        bench.Options.KeepRuns = 1;
        await bench.UploadDatasetAsync("words", recipe: Never);
        RunRecord first = await bench.TrainAsync("words");
        await bench.UploadAsync("words/a.npy", SmallRows.Npy(60, 2));
        RunRecord second = await bench.TrainAsync("words");
        string folder = Layout.Version("words", first.ModelVersion!);
        await MakeOldAsync(folder);
        IReadOnlyList<string> before = await bench.NamesAsync(folder);
        bool begun = false;
        // Read after the runs were listed, before codes are cleared.
        bench.Results.Before = async call =>
        {
            if (begun || call.Name != Layout.Latest("words"))
                return;
            begun = true;
            await bench.Pipeline.Runs.RepeatAsync(second.RunId, Cancellation);
        };

        await new Retention(bench.Pipeline.Storage, bench.Pipeline.Runs, bench.Pipeline.Models, bench.Options, TimeProvider.System).ApplyAsync("words", Cancellation);

        Assert.True(begun);
        Assert.Equal(before, await bench.NamesAsync(folder));
    }

    [Fact]
    public async Task Apply_NewestIndexIsOfARunThatIsGone_ItsCodesStay()
    {
        await bench.UploadDatasetAsync("words", recipe: Never);
        RunRecord run = await bench.TrainAsync("words");
        IReadOnlyList<string> before = await bench.NamesAsync(Layout.Model("words"));
        await bench.Pipeline.Storage.Results.DeleteAsync(Layout.RunRecord(run.RunId), null, Cancellation);

        await new Retention(bench.Pipeline.Storage, bench.Pipeline.Runs, bench.Pipeline.Models, bench.Options, TimeProvider.System).ApplyAsync("words", Cancellation);

        Assert.Equal(before, await bench.NamesAsync(Layout.Model("words")));
    }

    public void Dispose() => bench.Dispose();

    private async Task MakeOldAsync(string folder)
    {
        foreach (string name in await bench.NamesAsync(folder))
            File.SetLastWriteTimeUtc(Path.Combine(bench.Root, bench.Options.ResultsContainer, name), DateTime.UtcNow.AddHours(-2));
    }

    private async Task<IReadOnlyList<CodesIndexEntry>> IndexAsync(RunRecord run) =>
        (await new CodesIndexStore(bench.Pipeline.Storage.Results).FindAsync("words", run.ModelVersion!, run.RunId, Cancellation))!;
}
