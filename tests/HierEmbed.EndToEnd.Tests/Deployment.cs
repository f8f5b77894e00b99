using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace HierEmbed.EndToEnd.Tests;

/// <summary>The deployment under test, told by the environment: any host of the pipeline and of its routes.</summary>
/// <remarks>
/// <c>HIEREMBED_E2E_URL</c>: its base address, such as http://127.0.0.1:7071. <c>HIEREMBED_E2E_STORAGE</c>: a storage connection string, a blob service's address, or the
/// folder that <c>hierembed serve</c> works on. <c>HIEREMBED_E2E_KEY</c>: the key, where it asks for one.
/// </remarks>
internal sealed class Deployment : IDisposable
{
    /// <summary>A first training on a cold host, behind a polling trigger, takes minutes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly HttpClient client;

    public Deployment()
    {
        client = new HttpClient { BaseAddress = new Uri(new Uri(Setting("HIEREMBED_E2E_URL")), "/api/v1/") };
        if (Environment.GetEnvironmentVariable("HIEREMBED_E2E_KEY") is { Length: > 0 } key)
            client.DefaultRequestHeaders.Add("x-functions-key", key);
        Uploads = Uploads.Open(Setting("HIEREMBED_E2E_STORAGE"));
    }

    public Uploads Uploads { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task<JsonElement> GetAsync(string route)
    {
        using HttpResponseMessage response = await client.GetAsync(new Uri(route, UriKind.Relative), Cancellation);
        return await JsonAsync(response);
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string route, byte[]? body = null, string mediaType = "application/json")
    {
        var request = new HttpRequestMessage(method, new Uri(route, UriKind.Relative));
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
        return client.SendAsync(request, Cancellation);
    }

    public async Task<JsonElement> PostNpyAsync(string route, byte[] npy)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, route, npy, "application/x-npy");
        return await JsonAsync(response);
    }

    /// <summary>Waits until a version of a model other than the one given is served.</summary>
    public async Task<string> VersionAfterAsync(string dataset, string? before)
    {
        string? found = null;
        await UntilAsync($"a model of {dataset} after {before ?? "none"}", async () =>
        {
            JsonElement models = (await GetAsync("models")).GetProperty("models");
            found = models.EnumerateArray().Where(m => m.GetProperty("model").GetString() == dataset).Select(m => m.GetProperty("modelVersion").GetString()).FirstOrDefault();
            return found is not null && found != before;
        });
        return found!;
    }

    /// <summary>Waits for a run of a dataset that ended so, and returns it.</summary>
    public async Task<JsonElement> RunAsync(string dataset, string state)
    {
        JsonElement found = default;
        await UntilAsync($"a run of {dataset} that is {state}", async () =>
        {
            JsonElement runs = (await GetAsync($"runs?dataset={dataset}")).GetProperty("runs");
            found = runs.EnumerateArray().FirstOrDefault(run => run.GetProperty("state").GetString() == state);
            return found.ValueKind == JsonValueKind.Object;
        });
        return found;
    }

    public void Dispose() => client.Dispose();

    private static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        long started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"There is no {what} after {Patience}.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), Cancellation);
        }
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{response.RequestMessage!.RequestUri}: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    private static string Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"Set {name}; bash tests/end-to-end.sh does, on a host that it starts.");
}
