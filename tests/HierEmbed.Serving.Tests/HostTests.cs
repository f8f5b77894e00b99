using System.Net;
using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Serving.Hosting;
using HierEmbed.Serving.Http;
using HierEmbed.Serving.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace HierEmbed.Serving.Tests;

public sealed class HostTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_WithoutKey_Ok()
    {
        await using TestApi api = await TestApi.StartAsync(o => o.ApiKey = "secret");
        JsonElement health = await TestApi.OkAsync(await api.Client.GetAsync("health", Cancellation));
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.NotEmpty(health.GetProperty("version").GetString()!);
    }

    [Fact]
    public async Task Key_IsRequiredOnEveryOtherRoute()
    {
        await using TestApi api = await TestApi.StartAsync(o => o.ApiKey = "secret");
        foreach (EndpointDefinition endpoint in api.Host.Routes.All.Where(e => !e.Anonymous))
        {
            string path = endpoint.Route.Replace("{dataset}", "words", StringComparison.Ordinal).Replace("{id}", "words-0123456789abcdef", StringComparison.Ordinal);
            foreach (string? key in new[] { null, "wrong", "" })
            {
                using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), path);
                if (key is not null)
                    request.Headers.Add("x-functions-key", key);
                using HttpResponseMessage response = await api.Client.SendAsync(request, Cancellation);
                await TestApi.ProblemAsync(response, 401, "unauthorized");
            }
        }
        Assert.Equal("Health", Assert.Single(api.Host.Routes.All, e => e.Anonymous).Name);
        using HttpResponseMessage byQuery = await api.Client.GetAsync("models?code=secret", Cancellation);
        Assert.Equal(HttpStatusCode.OK, byQuery.StatusCode);
        api.Client.DefaultRequestHeaders.Add("x-functions-key", "secret");
        using HttpResponseMessage byHeader = await api.Client.GetAsync("models", Cancellation);
        Assert.Equal(HttpStatusCode.OK, byHeader.StatusCode);
    }

    [Theory]
    [InlineData("Host", "rebound.example", 403)]
    [InlineData("Origin", "http://rebound.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Host", "localhost:7071", 200)]
    [InlineData("Origin", "http://127.0.0.1:8080", 200)]
    public async Task WithoutKey_RequestsOfOtherSites_AreRefused(string header, string value, int expected)
    {
        await using TestApi api = await TestApi.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "models");
        Assert.True(request.Headers.TryAddWithoutValidation(header, value));
        using HttpResponseMessage response = await api.Client.SendAsync(request, Cancellation);
        if (expected == 403)
            await TestApi.ProblemAsync(response, 403, "foreign-origin");
        else
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task WithKey_RequestsForOtherHostNames_AreAnswered()
    {
        await using TestApi api = await TestApi.StartAsync(o => o.ApiKey = "secret");
        using var request = new HttpRequestMessage(HttpMethod.Get, "models");
        request.Headers.Host = "models.example";
        request.Headers.Add("x-functions-key", "secret");
        using HttpResponseMessage response = await api.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Start_EndpointsInTheEnvironment_AreNotOpened()
    {
        const string variable = "Kestrel__Endpoints__Http__Url";
        Environment.SetEnvironmentVariable(variable, "http://0.0.0.0:0");
        try
        {
            await using TestApi api = await TestApi.StartAsync();
            Assert.All(api.Host.Addresses, address => Assert.Equal("127.0.0.1", address.Host));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", false)]
    [InlineData("http://*:0", false)]
    [InlineData("http://+:0", false)]
    [InlineData("http://[::]:0", false)]
    [InlineData("http://192.168.1.2:0", false)]
    [InlineData("http://example.com:0", false)]
    [InlineData("http://127.0.0.1:0", true)]
    [InlineData("http://127.3.2.1:0", true)]
    [InlineData("http://localhost:0", true)]
    [InlineData("http://[::1]:0", true)]
    public async Task Start_BeyondLoopbackWithoutKey_Refused(string url, bool allowed)
    {
        if (allowed)
        {
            ApiHost.RequireKeyBeyondLoopback([url], new HierEmbedOptions());
            return;
        }
        RequestException e = await Assert.ThrowsAsync<RequestException>(() => ApiHost.StartAsync(new HierEmbedOptions(),
            new Storage.HierEmbedStorage(new MemoryStore(), new MemoryStore()), new RecordingLauncher(), [ApiHost.DefaultUrl, url], cancellationToken: Cancellation));
        Assert.Equal(ProblemTypes.Unauthorized, e.Type);
        ApiHost.RequireKeyBeyondLoopback([url], new HierEmbedOptions { ApiKey = "secret" });
    }

    [Fact]
    public async Task Start_PortInUse_IOException()
    {
        await using TestApi api = await TestApi.StartAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => ApiHost.StartAsync(new HierEmbedOptions(),
            new Storage.HierEmbedStorage(new MemoryStore(), new MemoryStore()), new RecordingLauncher(), [$"http://127.0.0.1:{api.Host.Address.Port}"], cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Stop_RequestInFlight_Finishes()
    {
        TestApi api = await TestApi.StartAsync();
        var reached = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        api.Results.BeforeRead = async name =>
        {
            reached.TrySetResult();
            await release.Task;
        };
        Task<JsonElement> encode = api.EncodeAsync(JsonSerializer.Serialize(Golden.Rows[0]));
        await reached.Task;
        Task stop = api.Host.StopAsync(Cancellation);
        release.SetResult();
        Assert.Equal(TestModels.A, (await encode).GetProperty("modelVersion").GetString());
        await stop;
        await api.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "nothing", 404, "not-found")]
    [InlineData("GET", "../../etc", 404, "not-found")]
    [InlineData("PUT", "models", 405, "method-not-allowed")]
    [InlineData("GET", "models/words/encode", 405, "method-not-allowed")]
    public async Task AnyRoute_Unmapped_Problem(string method, string path, int status, string code)
    {
        await using TestApi api = await TestApi.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await api.Client.SendAsync(request, Cancellation);
        await TestApi.ProblemAsync(response, status, code);
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
    }

    [Fact]
    public async Task AnyRoute_UnexpectedFailure_500WithoutDetails()
    {
        await using TestApi api = await TestApi.StartAsync();
        api.Results.Failure = new IOException("connection string with a password");
        using HttpResponseMessage response = await api.Client.GetAsync("models", Cancellation);
        Assert.DoesNotContain("password", await TestApi.ProblemAsync(response, 500, "internal"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ByNameWithoutKestrel_SameAnswer()
    {
        await using TestApi api = await TestApi.StartAsync();
        foreach ((string name, int status) in new[] { ("Health", 200), ("GetModel", 404) })
        {
            var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
            context.Request.RouteValues = new RouteValueDictionary { ["dataset"] = "other" };
            context.RequestServices = Microsoft.Extensions.DependencyInjection.ServiceCollectionContainerBuilderExtensions.BuildServiceProvider(
                Microsoft.Extensions.DependencyInjection.LoggingServiceCollectionExtensions.AddLogging(new Microsoft.Extensions.DependencyInjection.ServiceCollection()));
            IResult result = await api.Host.Routes.RunAsync(name, context.Request, Cancellation);
            await result.ExecuteAsync(context);
            Assert.Equal(status, context.Response.StatusCode);
        }
    }

    [Fact]
    public async Task OpenApi_ListsExactlyTheMappedRoutes()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.Client.GetAsync("openapi.json", Cancellation);
        JsonElement document = await TestApi.OkAsync(response);
        Assert.Equal("3.1.0", document.GetProperty("openapi").GetString());
        // Every field of these has a default, and some exclude one another.
        foreach (string request in (string[])["EncodeRequest", "SimilarityRequest", "SearchRequest"])
            Assert.False(document.GetProperty("components").GetProperty("schemas").GetProperty(request).TryGetProperty("required", out _), request);
        var listed = document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => $"{m.Name.ToUpperInvariant()} {p.Name}"));
        Assert.Equal(api.Host.MappedRoutes.Order(), listed.Order());
        Assert.Equal(14, listed.Count());
        RequireReferences(document, document);
        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.Equal("array", schemas.GetProperty("SimilarityResponse").GetProperty("properties").GetProperty("results").GetProperty("type").GetString());
        Assert.All(schemas.EnumerateObject(), s => Assert.Equal("object", s.Value.GetProperty("type").GetString()));
    }

    /// <summary>Every reference leads somewhere in the document.</summary>
    private static void RequireReferences(JsonElement document, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                RequireReferences(document, item);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                if (property.Name == "$ref")
                {
                    JsonElement at = document;
                    foreach (string step in property.Value.GetString()!.Split('/').Skip(1))
                        Assert.True(at.ValueKind == JsonValueKind.Object && at.TryGetProperty(step, out at), property.Value.GetString());
                }
                RequireReferences(document, property.Value);
            }
        }
    }
}
