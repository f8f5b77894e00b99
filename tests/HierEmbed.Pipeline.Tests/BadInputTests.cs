using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Pipeline.InProcess;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Tests;

public sealed class BadInputTests : IDisposable
{
    private readonly Bench bench = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>One host meets them all at once, beside datasets that can be trained.</summary>
    [Fact]
    public async Task Host_EveryBadDataset_FailsWithItsProblemAndTheOthersTrain()
    {
        IReadOnlyDictionary<string, string> expected = await BadDatasets.UploadAsync(bench);
        await bench.UploadDatasetAsync("good");
        await BadDatasets.UploadOddButTrainableAsync(bench);

        await using (InProcessEngine engine = bench.Engine())
        {
            engine.Start();
            await bench.WorkedOffAsync();
            // The host lives on.
            await bench.UploadDatasetAsync("later", seed: 9);
            await Bench.UntilAsync(async () => (await bench.RunsAsync("later")).Any(run => run.HasEnded));
        }

        foreach ((string dataset, string code) in expected)
        {
            RunRecord run = Assert.Single(await bench.RunsAsync(dataset));
            Assert.Equal((dataset, RunState.Failed, code), (dataset, run.State, run.Problem?.Code));
            Assert.InRange(run.Problem!.Detail.Length, 20, 300);
            Assert.Equal(run.Problem, await FailureAsync(Layout.Failure(dataset, run.RunId)));
            Assert.Empty(await bench.NamesAsync(Layout.Model(dataset)));
            Assert.Empty(await bench.NamesAsync(Layout.Blocks(run.RunId)));
        }
        foreach (string dataset in (string[])["good", "later", "constant-columns", "few-nan-rows", "zero-rows-seed"])
            Assert.Equal((dataset, RunState.Published), (dataset, Assert.Single(await bench.RunsAsync(dataset)).State));
        Assert.Equal(3, Assert.Single(await bench.RunsAsync("constant-columns")).ConstantDims);
        Assert.Equal(1, Assert.Single(await bench.RunsAsync("few-nan-rows")).Rows!.Rejected);
        await CheckThoseWithoutARunAsync();
    }

    private async Task CheckThoseWithoutARunAsync()
    {
        Assert.Empty(await bench.RunsAsync("two-files"));
        Assert.Equal("ambiguous-dataset", (await FailureAsync(Layout.Failure("two-files", "listing"))).Code);
        Assert.Empty(await bench.RunsAsync("huge-recipe"));
        Assert.Equal("invalid-recipe", (await FailureAsync(Layout.Failure("huge-recipe", "listing"))).Code);
        IReadOnlyList<string> refused = await bench.NamesAsync("failures/refused-uploads/");
        Assert.Equal(2, refused.Count);
        foreach (string name in refused)
            Assert.Equal("invalid-dataset-name", (await FailureAsync(name)).Code);
    }

    [Fact]
    public async Task Host_FailedRun_StartsAgainOnlyWhenAsked()
    {
        await bench.UploadDatasetAsync("few", rows: 20);
        await bench.WorkOffAsync();
        RunRecord failed = Assert.Single(await bench.RunsAsync());

        await bench.Pipeline.Markers.MarkAsync("few", Cancellation);
        await bench.WorkOffAsync();
        Assert.Equal(failed, Assert.Single(await bench.RunsAsync()));

        await bench.Pipeline.Runs.RestartAsync(failed.RunId, Cancellation);
        bench.Options.MinRows = 10;
        await bench.Pipeline.Markers.MarkAsync("few", Cancellation);
        await bench.WorkOffAsync();
        RunRecord again = Assert.Single(await bench.RunsAsync());

        Assert.Equal((failed.RunId, RunState.Published), (again.RunId, again.State));
        Assert.Null(again.Problem);
        Assert.True(again.Sequence > failed.Sequence);
        Assert.Empty(await bench.NamesAsync("failures/"));
    }

    [Fact]
    public async Task Plan_AmbiguityMended_FailureIsTakenBack()
    {
        await bench.UploadAsync("two.npy", SmallRows.Npy(60, 1));
        await bench.UploadAsync("two.jsonl", Encoding.UTF8.GetBytes("[1,2]\n"));
        Assert.Null(await bench.PlanAsync("two"));
        Assert.Single(await bench.NamesAsync("failures/two/"));
        bench.Delete("two.jsonl");

        Assert.NotNull(await bench.PlanAsync("two"));
        Assert.Empty(await bench.NamesAsync("failures/two/"));
    }

    private async Task<Problem> FailureAsync(string name) => (await bench.Pipeline.Storage.Results.FindJsonAsync<Problem>(name, Cancellation)).Value!;

    public void Dispose() => bench.Dispose();
}
