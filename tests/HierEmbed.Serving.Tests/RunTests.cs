using System.Net;
using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Serving.Runs;
using HierEmbed.Serving.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Serving.Tests;

public sealed class RunTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<TestApi> StartWithFileAsync(string name = "words/a.npy")
    {
        TestApi api = await TestApi.StartAsync();
        await api.Uploads.WriteBytesAsync(name, new byte[] { 1, 2, 3 }, WriteCondition.Always, Cancellation);
        return api;
    }

    private static async Task<string> StartRunAsync(TestApi api, int status = 202, string dataset = "words")
    {
        using HttpResponseMessage response = await api.PostAsync("runs", $"{{\"dataset\":\"{dataset}\"}}");
        string id = (await TestApi.OkAsync(response, status)).GetProperty("runId").GetString()!;
        Assert.Equal($"/api/v1/runs/{id}", response.Headers.Location?.OriginalString);
        return id;
    }

    private static Task<RunRecord> SetAsync(TestApi api, string id, Func<RunRecord, RunRecord> change) =>
        new RunStore(api.Results, TimeProvider.System).UpdateAsync(id, change, Cancellation);

    [Fact]
    public async Task Post_StoredDataset_QueuesMarksAndWakes()
    {
        await using TestApi api = await StartWithFileAsync();
        string id = await StartRunAsync(api);
        Assert.StartsWith("words-", id, StringComparison.Ordinal);
        Assert.NotNull(await api.Results.FindAsync(Layout.Dirty("words"), Cancellation));
        Assert.Equal(["words"], api.Launcher.Woken);
        JsonElement run = await TestApi.OkAsync(await api.Client.GetAsync($"runs/{id}", Cancellation));
        Assert.Equal("queued", run.GetProperty("state").GetString());
        // Asked for again while it waits: the same run.
        Assert.Equal(id, await StartRunAsync(api));
    }

    [Theory]
    [InlineData(RunState.Published)]
    [InlineData(RunState.Unchanged)]
    public async Task Post_TrainedAlready_200AndNoWork(RunState state)
    {
        await using TestApi api = await StartWithFileAsync();
        string id = await StartRunAsync(api);
        await SetAsync(api, id, r => r with { State = state, ModelVersion = TestModels.A });
        await api.Results.DeleteAsync(Layout.Dirty("words"), null, Cancellation);
        Assert.Equal(id, await StartRunAsync(api, status: 200));
        Assert.Null(await api.Results.FindAsync(Layout.Dirty("words"), Cancellation));
        Assert.Single(api.Launcher.Woken);
    }

    [Theory]
    [InlineData(RunState.Failed)]
    [InlineData(RunState.Cancelled)]
    [InlineData(RunState.Superseded)]
    public async Task Post_FailedOrCancelled_StartsAgain(RunState state)
    {
        await using TestApi api = await StartWithFileAsync();
        string id = await StartRunAsync(api);
        RunRecord before = await SetAsync(api, id, r => r with { State = state, Problem = new Problem("x", "X", 422, "x") });
        Assert.Equal(id, await StartRunAsync(api));
        RunRecord after = (await new RunStore(api.Results, TimeProvider.System).FindAsync(id, Cancellation))!;
        Assert.Equal(RunState.Queued, after.State);
        Assert.Null(after.Problem);
        Assert.True(after.Sequence > before.Sequence);
    }

    [Theory]
    [InlineData("{\"dataset\":\"nothing\"}", 404, "dataset-not-found")]
    [InlineData("{\"dataset\":\"../words\"}", 422, "invalid-dataset-name")]
    [InlineData("{\"dataset\":\"\"}", 422, "invalid-dataset-name")]
    [InlineData("{\"dataset\":null}", 422, "invalid-request")]
    [InlineData("{\"name\":\"words\"}", 422, "invalid-request")]
    [InlineData("words", 400, "malformed-body")]
    public async Task Post_BadBody_ProblemAndNothingStored(string body, int status, string code)
    {
        await using TestApi api = await StartWithFileAsync();
        using HttpResponseMessage response = await api.PostAsync("runs", body);
        await TestApi.ProblemAsync(response, status, code);
        Assert.Empty(api.Launcher.Woken);
        Assert.Null(await api.Results.FindAsync(Layout.Dirty("words"), Cancellation));
    }

    [Fact]
    public async Task Post_TwoUploadsClaimIt_409()
    {
        await using TestApi api = await StartWithFileAsync();
        await api.Uploads.WriteBytesAsync("words.npy", new byte[] { 1 }, WriteCondition.Always, Cancellation);
        using HttpResponseMessage response = await api.PostAsync("runs", "{\"dataset\":\"words\"}");
        await TestApi.ProblemAsync(response, 409, "ambiguous-dataset");
    }

    [Fact]
    public async Task Get_RunAtWork_ShowsProgress()
    {
        await using TestApi api = await StartWithFileAsync();
        string id = await StartRunAsync(api);
        await SetAsync(api, id, r => r with { State = RunState.Running, Step = "train", Rows = new RowCounts(80, 10, 10, 1), LastFault = "Step TrainChunk failed and is tried again" });
        await api.Results.WriteJsonAsync(Layout.Progress(id, 0), new TrainingProgress(0, 10, 100, 1, 20, null, false), WriteCondition.Always, Cancellation);
        await api.Results.WriteJsonAsync(Layout.Progress(id, 1), new TrainingProgress(1, 25, 100, 5, 20, new EpochMetrics(5, 0.4, 0.5, 0.3, 31.5, 0.02, 3800), false), WriteCondition.Always, Cancellation);
        JsonElement run = await TestApi.OkAsync(await api.Client.GetAsync($"runs/{id}", Cancellation));
        Assert.Equal(("running", "train", 5, 20, 25.0), (run.GetProperty("state").GetString(), run.GetProperty("step").GetString(),
            run.GetProperty("epoch").GetInt32(), run.GetProperty("epochs").GetInt32(), run.GetProperty("percent").GetDouble()));
        Assert.Equal((0.4, 0.5, 0.3, 31.5, 0.02, 3800), (run.GetProperty("trainLoss").GetDouble(), run.GetProperty("validationLoss").GetDouble(),
            run.GetProperty("fvu").GetDouble(), run.GetProperty("l0").GetDouble(), run.GetProperty("deadFraction").GetDouble(), run.GetProperty("samplesPerSecond").GetDouble()));
        Assert.Equal(80, run.GetProperty("rows").GetProperty("train").GetInt64());
        Assert.Equal("Step TrainChunk failed and is tried again", run.GetProperty("lastFault").GetString());
    }

    [Theory]
    [InlineData("GET", "runs/words-0123456789abcdef")]
    [InlineData("GET", "runs/..%2Fx-0123456789abcdef")]
    [InlineData("GET", "runs/x")]
    [InlineData("DELETE", "runs/words-0123456789abcdef")]
    public async Task Any_NoSuchRun_404(string method, string path)
    {
        await using TestApi api = await TestApi.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await api.Client.SendAsync(request, Cancellation);
        await TestApi.ProblemAsync(response, 404, "run-not-found");
    }

    [Fact]
    public async Task Delete_RunAtWork_MarksItAndWakes()
    {
        await using TestApi api = await StartWithFileAsync();
        string id = await StartRunAsync(api);
        using HttpResponseMessage response = await api.Client.DeleteAsync($"runs/{id}", Cancellation);
        await TestApi.OkAsync(response, 202);
        Assert.True(await new RunStore(api.Results, TimeProvider.System).IsCancelRequestedAsync(id, Cancellation));
        Assert.Equal(2, api.Launcher.Woken.Count);
    }

    [Fact]
    public async Task Delete_EndedRun_409()
    {
        await using TestApi api = await StartWithFileAsync();
        string id = await StartRunAsync(api);
        await SetAsync(api, id, r => r with { State = RunState.Published });
        using HttpResponseMessage response = await api.Client.DeleteAsync($"runs/{id}", Cancellation);
        Assert.Contains("published", await TestApi.ProblemAsync(response, 409, "conflict"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
    }

    [Fact]
    public async Task List_SeveralRuns_NewestFirstByDatasetAndLimit()
    {
        var clock = new ManualClock();
        MemoryStore uploads = new(), results = new();
        var requests = new RunRequests(new HierEmbedStorage(uploads, results), new RecordingLauncher(), clock);
        var ids = new List<string>();
        foreach (string name in new[] { "zoo", "zoo-two", "apes" })
        {
            await uploads.WriteBytesAsync($"{name}/a.npy", new byte[] { 1 }, WriteCondition.Always, Cancellation);
            ids.Add((await requests.StartAsync(name, Cancellation)).Run.RunId);
            clock.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Equal([ids[2], ids[1], ids[0]], (await requests.ListAsync(null, cancellationToken: Cancellation)).Select(r => r.RunId));
        Assert.Equal([ids[2]], (await requests.ListAsync(null, 1, Cancellation)).Select(r => r.RunId));
        Assert.Equal([ids[0]], (await requests.ListAsync("zoo", cancellationToken: Cancellation)).Select(r => r.RunId));
        await Assert.ThrowsAsync<DatasetException>(() => requests.ListAsync("../zoo", cancellationToken: Cancellation));
    }

    [Theory]
    [InlineData("runs?limit=0")]
    [InlineData("runs?limit=x")]
    [InlineData("runs?order=up")]
    public async Task List_BadQuery_422(string path)
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.Client.GetAsync(path, Cancellation);
        await TestApi.ProblemAsync(response, 422, "invalid-request");
    }

    [Fact]
    public async Task List_OverHttp_RunsInAnObject()
    {
        await using TestApi api = await StartWithFileAsync();
        string id = await StartRunAsync(api);
        JsonElement runs = (await TestApi.OkAsync(await api.Client.GetAsync("runs?dataset=words&limit=5", Cancellation))).GetProperty("runs");
        Assert.Equal(id, Assert.Single(runs.EnumerateArray()).GetProperty("runId").GetString());
    }
}
