using System.Net.Http.Headers;
using System.Text.Json;

namespace HierEmbed.Cli.Tests.Support;

/// <summary>A <c>hierembed serve</c> on a free port, with short waits.</summary>
internal sealed class Server : IAsyncDisposable
{
    private Server(Hierembed process, Uri address)
    {
        Process = process;
        Address = address;
        Client = new HttpClient { BaseAddress = new Uri(address, "/api/v1/") };
    }

    public Hierembed Process { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static async Task<Server> StartAsync(string? storage, IReadOnlyDictionary<string, string>? more = null)
    {
        var settings = new Dictionary<string, string>(more ?? new Dictionary<string, string>()) { ["HierEmbed__QuietPeriod"] = "00:00:00.300", ["HierEmbed__PollInterval"] = "00:00:00.200" };
        string[] where = storage is null ? [] : ["--storage", storage];
        Hierembed process = Hierembed.Start(null, settings, ["serve", .. where, "--urls", "http://127.0.0.1:0"]);
        await process.UntilErrorAsync("Listening on ");
        string line = process.Errors.Split('\n').Single(l => l.StartsWith("Listening on ", StringComparison.Ordinal));
        return new Server(process, new Uri(line.Split(' ')[2]));
    }

    public async Task<JsonElement> GetAsync(string route) =>
        JsonDocument.Parse(await Client.GetStringAsync(new Uri(route, UriKind.Relative), TestContext.Current.CancellationToken)).RootElement;

    /// <summary>Waits for a run of a dataset in a state and returns it.</summary>
    public async Task<JsonElement> RunAsync(string dataset, string state)
    {
        JsonElement found = default;
        await Process.UntilAsync(async () =>
        {
            JsonElement runs = (await GetAsync($"runs?dataset={dataset}")).GetProperty("runs");
            found = runs.EnumerateArray().FirstOrDefault(run => run.GetProperty("state").GetString() == state);
            return found.ValueKind == JsonValueKind.Object;
        });
        return found;
    }

    /// <summary>Waits until another version than the one given is served, and returns it.</summary>
    public async Task<string> VersionAfterAsync(string dataset, string? version)
    {
        string? found = null;
        await Process.UntilAsync(async () =>
        {
            JsonElement models = (await GetAsync("models")).GetProperty("models");
            found = models.EnumerateArray().Where(m => m.GetProperty("model").GetString() == dataset).Select(m => m.GetProperty("modelVersion").GetString()).FirstOrDefault();
            return found is not null && found != version;
        });
        return found!;
    }

    public async Task<JsonElement> EncodeAsync(string dataset, string npyFile, string query = "k=4")
    {
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(npyFile, TestContext.Current.CancellationToken));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-npy");
        using HttpResponseMessage response = await Client.PostAsync(new Uri($"models/{dataset}/encode?{query}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonDocument.Parse(body).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Process.DisposeAsync();
    }
}
