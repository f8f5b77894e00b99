using System.Net;
using System.Text.Json;
using HierEmbed.Serving.Tests.Support;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Tests;

public sealed class ReportRouteTests
{
    private const string Page = "<!DOCTYPE html><p>ñ</p>";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<TestApi> StartAsync(string? key = null)
    {
        TestApi api = await TestApi.StartAsync(options => options.ApiKey = key);
        await api.Results.WriteBytesAsync(Layout.Version("words", TestModels.A) + Layout.ReportFile, System.Text.Encoding.UTF8.GetBytes(Page), WriteCondition.Always, Cancellation);
        return api;
    }

    [Theory]
    [InlineData("models/words/report")]
    [InlineData($"models/words/report?version={TestModels.A}")]
    public async Task Get_VersionWithAReport_ThePageThatMayLoadNothing(string path)
    {
        await using TestApi api = await StartAsync();
        using HttpResponseMessage response = await api.Client.GetAsync(path, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(Page, await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal($"\"{TestModels.A}\"", response.Headers.ETag?.Tag);
        Assert.Equal(TestModels.A, response.Headers.GetValues("x-model-version").Single());
        string[] policy = response.Headers.GetValues("Content-Security-Policy").Single().Split("; ");
        Assert.Equal(["default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"], policy[..3]);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task Get_KnownVersion_304()
    {
        await using TestApi api = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "models/words/report");
        request.Headers.TryAddWithoutValidation("If-None-Match", $"\"{TestModels.A}\"");
        using HttpResponseMessage known = await api.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Empty(await known.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Get_VersionWithoutAReport_404SaysWhy()
    {
        await using TestApi api = await StartAsync();
        await TestModels.PublishAsync(api.Results, "b");
        using HttpResponseMessage response = await api.Client.GetAsync("models/words/report", Cancellation);
        string detail = await TestApi.ProblemAsync(response, 404, "artifact-not-found");
        Assert.Contains(TestModels.B, detail, StringComparison.Ordinal);
        Assert.Contains("wrote none", detail, StringComparison.Ordinal);
        Assert.Null(response.Headers.ETag);
    }

    [Fact]
    public async Task Get_ReportThatItsManifestNamesIsGone_404SaysSo()
    {
        await using TestApi api = await StartAsync();
        await TestModels.PublishAsync(api.Results, "b", change: m => m with { Files = new Dictionary<string, string>(m.Files) { [Layout.ReportFile] = new string('0', 64) } });
        using HttpResponseMessage response = await api.Client.GetAsync("models/words/report", Cancellation);
        Assert.Contains("was deleted", await TestApi.ProblemAsync(response, 404, "artifact-not-found"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models/other/report")]
    [InlineData("models/words/report?version=00000000000000ff")]
    [InlineData("models/words/report?version=..%2F..%2Fx")]
    public async Task Get_NoSuchModel_404(string path)
    {
        await using TestApi api = await StartAsync();
        using HttpResponseMessage response = await api.Client.GetAsync(path, Cancellation);
        await TestApi.ProblemAsync(response, 404, "model-not-found");
    }

    [Fact]
    public async Task Get_HostWithAKey_TakesItInTheAddressAsABrowserSendsIt()
    {
        await using TestApi api = await StartAsync(key: "secret");
        using HttpResponseMessage without = await api.Client.GetAsync("models/words/report", Cancellation);
        await TestApi.ProblemAsync(without, 401, "unauthorized");
        Assert.Equal(Page, await api.Client.GetStringAsync("models/words/report?code=secret", Cancellation));
    }

    [Fact]
    public async Task OpenApi_NamesThePage()
    {
        await using TestApi api = await StartAsync();
        JsonElement document = await TestApi.OkAsync(await api.Client.GetAsync("openapi.json", Cancellation));
        JsonElement operation = document.GetProperty("paths").GetProperty("/api/v1/models/{dataset}/report").GetProperty("get");
        Assert.Equal("GetReport", operation.GetProperty("operationId").GetString());
        Assert.True(operation.GetProperty("responses").GetProperty("200").GetProperty("content").TryGetProperty("text/html", out _));
    }
}
