using HierEmbed.Functions.Tests.Support;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Tests.Support;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Functions.Tests;

/// <summary>What comes of uploads that no model can be made of.</summary>
public sealed class RefusedUploadTests : IAsyncDisposable
{
    private readonly App app = new();
    private readonly PlayedHost host;

    public RefusedUploadTests() => host = new PlayedHost(app);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        app.Dispose();
    }

    /// <summary>A trigger that throws is called again, and its notice ends in the poison queue; nothing about these will mend.</summary>
    [Theory]
    [InlineData("docs//a.npy", "invalid-request")]
    [InlineData("/a.npy", "invalid-dataset-name")]
    [InlineData(@"docs\a.npy", "invalid-dataset-name")]
    [InlineData(@"docs/a\b.npy", "invalid-request")]
    [InlineData("docs/\0.npy", "invalid-request")]
    [InlineData("My Docs//a.npy", "invalid-dataset-name")]
    public async Task Upload_NameThatNoArtifactHas_IsRefusedAndSaidSo(string name, string code)
    {
        await host.UploadedAsync(name);
        await host.UploadedAsync(name);

        Assert.Empty(host.Client.Scheduled);
        await RequireNoMarkerAsync();
        string failure = Assert.Single(await app.ResultsAsync("failures/"));
        Assert.Contains(code, failure, StringComparison.Ordinal);
        Assert.Contains(app.Log.Lines, line => line.StartsWith($"Error: Upload {name} is ignored: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Upload_OverlongName_IsRefused()
    {
        await host.UploadedAsync($"docs/{new string('a', 900)}.npy");
        Assert.InRange(Assert.Single(await app.ResultsAsync("failures/")).Length, 50, 600);
        Assert.Empty(host.Client.Scheduled);
    }

    [Fact]
    public async Task Upload_FolderThatAToolLeaves_IsNone()
    {
        await host.UploadedAsync("docs/");
        Assert.Empty(await app.ResultsAsync(""));
        Assert.Empty(host.Client.Scheduled);
    }

    [Fact]
    public async Task Dataset_RefusedBeforeItHasARun_IsLoggedOnceARound()
    {
        await app.UploadAsync("docs.npy", SmallRows.Npy(60, seed: 1));
        await app.UploadAsync("docs/a.npy", SmallRows.Npy(60, seed: 2));
        await host.UploadedAsync("docs.npy");
        await host.PlayAsync();

        Assert.Empty(await host.RunsAsync());
        Assert.Contains("ambiguous-dataset", Assert.Single(await app.ResultsAsync("failures/docs/")), StringComparison.Ordinal);
        string line = Assert.Single(app.Log.Lines, line => line.Contains("cannot be trained", StringComparison.Ordinal));
        Assert.StartsWith("Error: Dataset docs cannot be trained: docs.npy and the folder docs/ both claim", line, StringComparison.Ordinal);
        await RequireNoMarkerAsync();
    }

    [Fact]
    public async Task Upload_AboveMaxFileBytes_FailsWithTheLimitBeforeAnythingIsRead()
    {
        using var small = new App(app.Folder, store => store, ("HierEmbed:MaxFileBytes", "1000"));
        await using var smallHost = new PlayedHost(small);
        await small.UploadDatasetAsync("docs");
        await smallHost.UploadedAsync("docs/a.npy");
        await smallHost.PlayAsync();

        RunRecord run = Assert.Single(await smallHost.RunsAsync());
        Assert.Equal((RunState.Failed, "too-large"), (run.State, run.Problem!.Code));
        Assert.Contains("docs/a.npy", run.Problem.Detail, StringComparison.Ordinal);
        Assert.Contains("1000", run.Problem.Detail, StringComparison.Ordinal);
        Assert.Single(await small.ResultsAsync($"failures/docs/{run.RunId}"));
        Assert.DoesNotContain(smallHost.Calls, call => call.Name == StepNames.PackFile);
    }

    [Fact]
    public async Task Sweep_UploadsContainerIsMissing_SaysSoOnceAndWhenItHasCome()
    {
        string uploads = Path.Combine(app.Folder.Path, "embeddings");
        Directory.Delete(uploads, recursive: true);
        await host.SweepAsync();
        await host.SweepAsync();
        Assert.Equal("Warning: The container embeddings is not there: make it and upload embedding files to it. It is looked for again", Assert.Single(AboutTheContainer()));

        Directory.CreateDirectory(uploads);
        await host.SweepAsync();
        Assert.Equal(["Warning", "Information"], AboutTheContainer().Select(line => line.Split(':')[0]));
    }

    private IEnumerable<string> AboutTheContainer() => app.Log.Lines.Where(line => line.Contains("container", StringComparison.Ordinal));

    private async Task RequireNoMarkerAsync() => Assert.Empty(await app.Get<DirtyMarkers>().ListAsync(Cancellation));
}
