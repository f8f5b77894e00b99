using System.Net;
using System.Text.Json;
using HierEmbed.Serving.Tests.Support;

namespace HierEmbed.Serving.Tests;

public sealed class ModelRouteTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<TestApi> StartWithTwoVersionsAsync()
    {
        TestApi api = await TestApi.StartAsync();
        await TestModels.PublishAsync(api.Results, "b");
        return api;
    }

    private static async Task<string> ServedAsync(TestApi api) =>
        (await api.EncodeAsync(JsonSerializer.Serialize(Golden.Rows[0]))).GetProperty("modelVersion").GetString()!;

    [Fact]
    public async Task List_TwoVersions_NamesTheServedAndAll()
    {
        await using TestApi api = await StartWithTwoVersionsAsync();
        JsonElement model = Assert.Single((await TestApi.OkAsync(await api.Client.GetAsync("models", Cancellation))).GetProperty("models").EnumerateArray());
        Assert.Equal("words", model.GetProperty("model").GetString());
        Assert.Equal(TestModels.B, model.GetProperty("modelVersion").GetString());
        Assert.Equal($"[\"{TestModels.A}\",\"{TestModels.B}\"]", model.GetProperty("versions").GetRawText());
        Assert.Equal(16, model.GetProperty("latentDims").GetInt32());
    }

    [Fact]
    public async Task List_Nothing_EmptyList()
    {
        await using TestApi api = await TestApi.StartAsync(publish: false);
        Assert.Equal("{\"models\":[]}", (await TestApi.OkAsync(await api.Client.GetAsync("models", Cancellation))).GetRawText());
    }

    [Fact]
    public async Task Get_ServedAndNamedVersion_ManifestWithMetrics()
    {
        await using TestApi api = await StartWithTwoVersionsAsync();
        JsonElement served = await TestApi.OkAsync(await api.Client.GetAsync("models/words", Cancellation));
        Assert.Equal(TestModels.B, served.GetProperty("modelVersion").GetString());
        Assert.Equal(0.5, served.GetProperty("manifest").GetProperty("metrics").GetProperty("byK")[0].GetProperty("fvu").GetDouble());
        JsonElement named = await TestApi.OkAsync(await api.Client.GetAsync($"models/words?version={TestModels.A}", Cancellation));
        Assert.Equal(TestModels.A, named.GetProperty("manifest").GetProperty("version").GetString());
    }

    [Fact]
    public async Task Get_KnownVersion_304UntilAnotherIsServed()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage first = await api.Client.GetAsync("models/words", Cancellation);
        Assert.Equal($"\"{TestModels.A}\"", first.Headers.ETag?.Tag);
        foreach (string tag in new[] { $"\"{TestModels.A}\"", $"\"x\", W/\"{TestModels.A}\"", "*" })
        {
            using HttpResponseMessage known = await GetIfNoneMatchAsync(api, tag);
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
            Assert.Equal($"\"{TestModels.A}\"", known.Headers.ETag?.Tag);
            Assert.Empty(await known.Content.ReadAsByteArrayAsync(Cancellation));
        }
        await TestModels.PublishAsync(api.Results, "b");
        using HttpResponseMessage next = await GetIfNoneMatchAsync(api, $"\"{TestModels.A}\"");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
    }

    [Theory]
    [InlineData("GET", "models/other")]
    [InlineData("GET", "models/words?version=00000000000000ff")]
    [InlineData("GET", "models/words?version=..%2F..%2Fx")]
    [InlineData("DELETE", "models/other")]
    [InlineData("DELETE", "models/words?version=00000000000000ff")]
    public async Task AnyRoute_NoSuchModel_404(string method, string path)
    {
        await using TestApi api = await TestApi.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await api.Client.SendAsync(request, Cancellation);
        await TestApi.ProblemAsync(response, 404, "model-not-found");
    }

    [Fact]
    public async Task Rollback_OlderVersion_IsServedAtOnce()
    {
        await using TestApi api = await StartWithTwoVersionsAsync();
        Assert.Equal(TestModels.B, await ServedAsync(api));
        JsonElement answer = await TestApi.OkAsync(await api.PostAsync("models/words/rollback", $"{{\"version\":\"{TestModels.A}\"}}"));
        Assert.Equal(TestModels.A, answer.GetProperty("modelVersion").GetString());
        Assert.Equal(TestModels.A, await ServedAsync(api));
    }

    [Theory]
    [InlineData("{\"version\":\"00000000000000ff\"}", 404, "model-not-found")]
    [InlineData("{\"version\":\"../x\"}", 404, "model-not-found")]
    [InlineData("{\"version\":7}", 422, "invalid-request")]
    [InlineData("{}", 422, "invalid-request")]
    [InlineData("{\"version\":\"a\",\"force\":true}", 422, "invalid-request")]
    [InlineData("[]", 422, "invalid-request")]
    [InlineData("{", 400, "malformed-body")]
    public async Task Rollback_BadBody_ProblemAndNothingChanges(string body, int status, string code)
    {
        await using TestApi api = await StartWithTwoVersionsAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/rollback", body);
        await TestApi.ProblemAsync(response, status, code);
        Assert.Equal(TestModels.B, await ServedAsync(api));
    }

    [Fact]
    public async Task Delete_OldVersion_GoneServedStays()
    {
        await using TestApi api = await StartWithTwoVersionsAsync();
        using HttpResponseMessage served = await api.Client.DeleteAsync($"models/words?version={TestModels.B}", Cancellation);
        await TestApi.ProblemAsync(served, 409, "conflict");
        using HttpResponseMessage old = await api.Client.DeleteAsync($"models/words?version={TestModels.A}", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, old.StatusCode);
        using HttpResponseMessage gone = await api.PostAsync($"models/words/encode?version={TestModels.A}", JsonSerializer.Serialize(Golden.Rows[0]));
        await TestApi.ProblemAsync(gone, 404, "model-not-found");
        Assert.Equal(TestModels.B, await ServedAsync(api));
    }

    [Fact]
    public async Task Delete_VersionWithDamagedManifest_Gone()
    {
        await using TestApi api = await StartWithTwoVersionsAsync();
        string manifest = Storage.Layout.Manifest("words", TestModels.A);
        await Storage.ArtifactStoreExtensions.WriteBytesAsync(api.Results, manifest, "{"u8.ToArray(), Storage.WriteCondition.Always, Cancellation);
        using HttpResponseMessage deleted = await api.Client.DeleteAsync($"models/words?version={TestModels.A}", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Null(await api.Results.FindAsync(manifest, Cancellation));
    }

    [Fact]
    public async Task Delete_Model_AllGone()
    {
        await using TestApi api = await StartWithTwoVersionsAsync();
        await ServedAsync(api);
        using HttpResponseMessage deleted = await api.Client.DeleteAsync("models/words", Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using HttpResponseMessage encode = await api.PostAsync("models/words/encode", JsonSerializer.Serialize(Golden.Rows[0]));
        await TestApi.ProblemAsync(encode, 404, "model-not-found");
    }

    [Fact]
    public async Task Encode_CorruptModel_500SaysWhy()
    {
        await using TestApi api = await TestApi.StartAsync(publish: false);
        await TestModels.PublishAsync(api.Results, change: m => m with { Files = new Dictionary<string, string> { ["encoder.onnx"] = new string('0', 64) } });
        using HttpResponseMessage response = await api.PostAsync("models/words/encode", JsonSerializer.Serialize(Golden.Rows[0]));
        Assert.Contains("SHA-256", await TestApi.ProblemAsync(response, 500, "corrupt-artifact"), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> GetIfNoneMatchAsync(TestApi api, string tags)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "models/words");
        request.Headers.TryAddWithoutValidation("If-None-Match", tags);
        return await api.Client.SendAsync(request, Cancellation);
    }
}
