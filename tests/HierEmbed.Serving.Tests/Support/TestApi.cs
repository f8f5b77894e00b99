using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Hosting;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Tests.Support;

/// <summary>The routes on a real Kestrel on 127.0.0.1, over stores in memory, with a client.</summary>
internal sealed class TestApi : IAsyncDisposable
{
    private TestApi(ApiHost host, MemoryStore uploads, MemoryStore results, RecordingLauncher launcher)
    {
        Host = host;
        Uploads = uploads;
        Results = results;
        Launcher = launcher;
        Client = new HttpClient { BaseAddress = new Uri(host.Address, "/api/v1/") };
    }

    public ApiHost Host { get; }

    public MemoryStore Uploads { get; }

    public MemoryStore Results { get; }

    public RecordingLauncher Launcher { get; }

    public HttpClient Client { get; }

    /// <summary>Starts with version a published.</summary>
    public static async Task<TestApi> StartAsync(Action<HierEmbedOptions>? configure = null, bool publish = true, string graph = "a")
    {
        var options = new HierEmbedOptions { PollInterval = TimeSpan.FromMilliseconds(50), Threads = 1 };
        configure?.Invoke(options);
        MemoryStore uploads = new(), results = new();
        if (publish)
            await TestModels.PublishAsync(results, graph);
        var launcher = new RecordingLauncher();
        ApiHost host = await ApiHost.StartAsync(options, new HierEmbedStorage(uploads, results), launcher, ["http://127.0.0.1:0"]);
        return new TestApi(host, uploads, results, launcher);
    }

    public Task<HttpResponseMessage> PostAsync(string path, string body, string mediaType = "application/json", string? accept = null) =>
        PostAsync(path, Encoding.UTF8.GetBytes(body), mediaType, accept);

    public async Task<HttpResponseMessage> PostAsync(string path, byte[] body, string mediaType, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Posts to encode and requires 200.</summary>
    public async Task<JsonElement> EncodeAsync(string body, string query = "", string mediaType = "application/json")
    {
        using HttpResponseMessage response = await PostAsync("models/words/encode" + query, body, mediaType);
        return await OkAsync(response);
    }

    public static async Task<JsonElement> OkAsync(HttpResponseMessage response, int status = 200)
    {
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>Requires a problem of a kind, whole and short, and returns its detail.</summary>
    public static async Task<string> ProblemAsync(HttpResponseMessage response, int status, string code)
    {
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        JsonElement problem = JsonElement.Parse(text);
        Assert.Equal($"urn:hierembed:problem:{code}", problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.Equal(response.RequestMessage!.RequestUri!.AbsolutePath, problem.GetProperty("instance").GetString());
        string detail = problem.GetProperty("detail").GetString()!;
        Assert.InRange(detail.Length, 10, 299);
        return detail;
    }

    public static string Json(float[][] rows) => JsonSerializer.Serialize(rows);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
    }
}
