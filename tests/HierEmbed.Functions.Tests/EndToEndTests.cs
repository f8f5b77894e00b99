using System.Text;
using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Functions.Http;
using HierEmbed.Functions.Tests.Support;
using HierEmbed.Functions.Uploads;
using HierEmbed.Functions.Workflows;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Storage.Datasets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace HierEmbed.Functions.Tests;

/// <summary>The app's own functions from an upload to an answer, on an engine that is played.</summary>
public sealed class EndToEndTests : IAsyncDisposable
{
    private const int MaxStatusBytes = 16 * 1024;
    private readonly App app = new();
    private readonly FakeDurableClient client = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        app.Dispose();
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Upload_IsTrainedServedAndShownInSmallStatuses()
    {
        await app.UploadDatasetAsync("docs");
        await app.Get<UploadWatch>().OnUploadAsync("docs/a.npy", client, Cancellation);
        PlayedOrchestration engine = await PlayAsync();

        JsonElement runs = await AnswerAsync(await app.Make<RunFunctions>().ListRunsAsync(Request(), Cancellation), 200);
        Assert.Equal("published", runs.GetProperty("runs")[0].GetProperty("state").GetString());
        JsonElement model = await AnswerAsync(await app.Make<ModelFunctions>().GetModelAsync(Request(("dataset", "docs")), Cancellation), 200);
        Assert.Equal(runs.GetProperty("runs")[0].GetProperty("modelVersion").GetString(), model.GetProperty("modelVersion").GetString());
        Assert.Empty(await app.Get<DirtyMarkers>().ListAsync(Cancellation));

        string[] statuses = [.. engine.Statuses.Select(status => JsonSerializer.Serialize(status, status!.GetType(), Json.Compact))];
        Assert.Equal(["pack", "train", "export", "evaluate", "encode", "publish"], statuses.Where(status => status.Contains("step", StringComparison.Ordinal)).Select(Step).Distinct());
        JsonElement trained = JsonDocument.Parse(statuses.Last(status => Step(status) == "train")).RootElement;
        Assert.Equal((120L, 100.0, 3, 3), (trained.GetProperty("rows").GetInt64(), trained.GetProperty("percent").GetDouble(), trained.GetProperty("epoch").GetInt32(), trained.GetProperty("epochs").GetInt32()));
        Assert.True(trained.GetProperty("loss").GetDouble() > 0);
        Assert.All(statuses, status => Assert.True(Encoding.UTF8.GetByteCount(status) < MaxStatusBytes, status));
        // No vector crosses: a row of the data alone would be longer than these.
        Assert.All(engine.Calls, call => Assert.True(JsonSerializer.Serialize(call.Input, call.Input!.GetType(), Json.Compact).Length < 1024, call.Name));
        // Activities answer with JSON; the answer of EndRun, the longest, is the run's record.
        Assert.All(engine.Calls.Select(call => (call.Name, call.Task)).Where(call => call.Task.GetType().IsGenericType),
            call => Assert.True(JsonSerializer.Serialize(((dynamic)call.Task).Result, Json.Compact).Length < 8192, call.Name));
    }

    [Fact]
    public async Task Upload_OfNoEmbeddings_EndsAsAFailedRunAndNotAsAThrownOne()
    {
        await app.UploadAsync("docs/a.npy", [1, 2, 3]);
        await app.Get<UploadWatch>().OnUploadAsync("docs/a.npy", client, Cancellation);
        await PlayAsync();
        JsonElement runs = await AnswerAsync(await app.Make<RunFunctions>().ListRunsAsync(Request(), Cancellation), 200);
        Assert.Equal("failed", runs.GetProperty("runs")[0].GetProperty("state").GetString());
        Assert.Contains("docs/a.npy", runs.GetProperty("runs")[0].GetProperty("problem").GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartRun_StartsTheWatcherWithTheFunctionsOwnClient()
    {
        await app.UploadDatasetAsync("docs");
        HttpRequest request = Request();
        request.Method = "POST";
        request.ContentType = "application/json";
        request.Body = new MemoryStream("""{"dataset":"docs"}"""u8.ToArray());
        await AnswerAsync(await app.Make<RunFunctions>().StartRunAsync(request, client, Cancellation), 202);
        Assert.Equal("watch-docs", Assert.Single(client.Scheduled).InstanceId);
    }

    [Fact]
    public async Task Functions_AskForNoKeyOfTheirOwn() =>
        // The host has checked the function key by then.
        await AnswerAsync(await app.Make<ModelFunctions>().ListModelsAsync(Request(), Cancellation), 200);

    [Fact]
    public async Task Problems_AreThoseOfTheEndpoints() =>
        await AnswerAsync(await app.Make<ModelFunctions>().GetModelAsync(Request(("dataset", "none")), Cancellation), 404);

    private static string? Step(string status) => JsonDocument.Parse(status).RootElement.TryGetProperty("step", out JsonElement step) ? step.GetString() : null;

    private async Task<PlayedOrchestration> PlayAsync()
    {
        var engine = new PlayedOrchestration(app);
        await WorkflowFunctions.WatchDatasetAsync(engine, Assert.IsType<DatasetInput>(Assert.Single(client.Scheduled).Input));
        return engine;
    }

    private static HttpRequest Request(params (string Name, string Value)[] route)
    {
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        foreach ((string name, string value) in route)
            context.Request.RouteValues[name] = value;
        context.Request.Method = "GET";
        context.Response.Body = new MemoryStream();
        return context.Request;
    }

    private static async Task<JsonElement> AnswerAsync(IResult result, int expected)
    {
        HttpContext context = Request().HttpContext;
        await result.ExecuteAsync(context);
        string body = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        Assert.True(context.Response.StatusCode == expected, $"{context.Response.StatusCode}: {body}");
        return JsonDocument.Parse(body).RootElement;
    }
}
