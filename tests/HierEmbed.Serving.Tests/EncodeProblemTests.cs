using System.Text;
using HierEmbed.Serving.Tests.Support;

namespace HierEmbed.Serving.Tests;

public sealed class EncodeProblemTests
{
    private const string Good = "[1,2,3,4,5,6,7,8]";

    public static TheoryData<string, int, string, string> Bodies => new()
    {
        { "", 400, "malformed-body", "line 1" },
        { "{\"embeddings\":[[1,2,", 400, "malformed-body", "line 1" },
        { "{\"embeddings\":\n[[1,2,oops]]}", 400, "malformed-body", "line 2" },
        { $"{{\n\"embeddings\":[\n{Good},\n[1,\n2,3 4,5,6,7,8]]}}", 400, "malformed-body", "line 5, byte 4" },
        { $"{{\"embeddings\":[\n[1,2,3,4,\n5,6,7,8], {Good}\n]]", 400, "malformed-body", "line 4, byte 1" },
        { $"[{Good},[1,2,3,4,5,6,7,08]]", 400, "malformed-body", "line 1" },
        { $"[{Good},[1,2,3,4,5,6,7,8.]]", 400, "malformed-body", "line 1" },
        { $"[{Good},[1,2,3,4,5,6,7,8,]]", 400, "malformed-body", "line 1" },
        { $"[{Good}] trailing", 400, "malformed-body", "line 1" },
        { $"[{Good},]", 400, "malformed-body", "line 1" },
        { "embeddings", 400, "malformed-body", "line 1" },
        { "{\"embeddings\":[[\"\\ud800\"]]}", 400, "malformed-body", "not valid Unicode" },
        { "{\"embeddings\":{\"\\ud800\":1}}", 400, "malformed-body", "not valid Unicode" },
        { "{\"\\udfff\":1}", 400, "malformed-body", "not valid Unicode" },
        { "7", 422, "invalid-request", "one JSON value" },
        { "{}", 422, "invalid-request", "no embeddings" },
        { "{\"embeddings\":7}", 422, "invalid-request", "embeddings is the number 7" },
        { $"{{\"embeddings\":[{Good}],\"kk\":3}}", 422, "invalid-request", "\"kk\"" },
        { $"{{\"embeddings\":[{Good}],\"embedding\":{Good}}}", 422, "invalid-request", "twice" },
        { "[[1,2,3]]", 422, "wrong-dimensions", "row 0 has 3 values; expected 8" },
        { $"[{Good},[1,2,3,4,5,6,7,8,9]]", 422, "wrong-dimensions", "row 1 has 9 values" },
        { "[[]]", 422, "wrong-dimensions", "row 0 has 0 values" },
        { $"[{Good},[1,2,NaN,4,5,6,7,8]]", 422, "not-finite", "row 1 holds NaN" },
        { $"[{Good},[NaN,2,3,4,5,6,7,8]]", 422, "not-finite", "row 1 holds NaN" },
        { $"[{Good},[1,2,Infinity,4,5,6,7,8]]", 422, "not-finite", "row 1 holds Infinity" },
        { $"[{Good},[1,2,-Infinity,4,5,6,7,8]]", 422, "not-finite", "row 1 holds Infinity" },
        { $"[{Good},[1,2,1e999,4,5,6,7,8]]", 422, "not-finite", "row 1 holds infinity" },
        { $"[{Good},[1,2,-1e39,4,5,6,7,8]]", 422, "not-finite", "row 1 holds -infinity" },
        { $"[{Good},[1,2,\"NaN\",4,5,6,7,8]]", 422, "not-finite", "dimension 2" },
        { $"[{Good},[1,2,3e30,4,5,6,7,8]]", 422, "invalid-request", "row 1 has the length 3E+30" },
        { $"[{Good},[0,0,0,0,0,0,0,0]]", 422, "zero-row", "row 1 is all zeros" },
        { $"[{Good},[1,2,null,4,5,6,7,8]]", 422, "invalid-request", "row 1, dimension 2 is null" },
        { $"[{Good},[1,2,\"x\",4,5,6,7,8]]", 422, "invalid-request", "the text \"x\"" },
        { $"[{Good},[1,2,[3],4,5,6,7,8]]", 422, "invalid-request", "row 1, dimension 2 is an array" },
        { $"[{Good},7]", 422, "invalid-request", "row 1 is the number 7" },
        { "[{\"id\":1}]", 422, "invalid-request", "row 0 is an object without a vector" },
        { "{\"embeddings\":{\"ubinary\":[[1]]}}", 422, "invalid-request", "ubinary" },
        { $"{{\"k\":0,\"embeddings\":[{Good}]}}", 422, "invalid-request", "k is 0; expected a whole number from 1 to 16" },
        { $"{{\"k\":17,\"embeddings\":[{Good}]}}", 422, "invalid-request", "k is 17" },
        { $"{{\"k\":2.5,\"embeddings\":[{Good}]}}", 422, "invalid-request", "k is 2.5" },
        { $"{{\"k\":\"3\",\"embeddings\":[{Good}]}}", 422, "invalid-request", "k is \"3\"" },
        { $"{{\"k\":99999999999999,\"embeddings\":[{Good}]}}", 422, "invalid-request", "k is 99999999999999" },
        { $"{{\"ks\":[],\"embeddings\":[{Good}]}}", 422, "invalid-request", "ks is []" },
        { $"{{\"ks\":[4,0],\"embeddings\":[{Good}]}}", 422, "invalid-request", "ks is 0" },
        { $"{{\"k\":4,\"ks\":[4],\"embeddings\":[{Good}]}}", 422, "invalid-request", "Both k and ks" },
        { $"{{\"prefix\":17,\"embeddings\":[{Good}]}}", 422, "invalid-request", "prefix is 17" },
        { $"{{\"normalize\":1,\"embeddings\":[{Good}]}}", 422, "invalid-request", "normalize is 1" },
        { $"{{\"format\":\"csv\",\"embeddings\":[{Good}]}}", 422, "invalid-request", "format is csv; expected sparse or dense or pgvector or qdrant" },
        { $"{{\"coding\":\"other\",\"embeddings\":[{Good}]}}", 422, "invalid-request", "coding is other; expected encoder or pursuit" },
        { $"{{\"side\":\"both\",\"embeddings\":[{Good}]}}", 422, "invalid-request", "side is both; expected document or query" },
        { $"{{\"coding\":\"pursuit\",\"normalize\":true,\"embeddings\":[{Good}]}}", 422, "invalid-request", "normalize is true with coding pursuit" },
        { $"{{\"side\":\"query\",\"k\":3,\"embeddings\":[{Good}]}}", 422, "invalid-request", "side is query and k is given" },
        { $"{{\"side\":\"query\",\"ks\":[3],\"embeddings\":[{Good}]}}", 422, "invalid-request", "side is query and ks is given" },
        { $"{{\"side\":\"query\",\"normalize\":false,\"embeddings\":[{Good}]}}", 422, "invalid-request", "side is query and normalize is given" },
        { $"{{\"side\":\"query\",\"coding\":\"encoder\",\"embeddings\":[{Good}]}}", 422, "invalid-request", "side is query with coding encoder" },
        { $"{{\"side\":\"query\",\"format\":\"pgvector\",\"embeddings\":[{Good}]}}", 422, "invalid-request", "format is pgvector; expected dense" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Encode_BadBody_OneTypedProblem(string body, int status, string code, string says)
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/encode", body);
        Assert.Contains(says, await TestApi.ProblemAsync(response, status, code), StringComparison.Ordinal);
        await api.EncodeAsync($"[{Good}]");
    }

    [Theory]
    [InlineData("?k=0", "k is 0")]
    [InlineData("?kk=3", "unknown parameter \"kk\"")]
    [InlineData("?ks=1,x", "ks is x")]
    public async Task Encode_BadQuery_NamesIt(string query, string says)
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/encode" + query, Good);
        Assert.Contains(says, await TestApi.ProblemAsync(response, 422, "invalid-request"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encode_TooManyRows_SaysLimitAndFound()
    {
        await using TestApi api = await TestApi.StartAsync(o => o.MaxRequestRows = 3);
        string rows = string.Join(",", Enumerable.Repeat(Good, 7));
        foreach ((string body, string type) in new[] { ($"[{rows}]", "application/json"), (rows.Replace("],", "]\n", StringComparison.Ordinal), "application/x-ndjson") })
        {
            using HttpResponseMessage response = await api.PostAsync("models/words/encode", body, type);
            Assert.Contains("has 7 embeddings; at most 3", await TestApi.ProblemAsync(response, 413, "too-large"), StringComparison.Ordinal);
        }
        using HttpResponseMessage npy = await api.PostAsync("models/words/encode", File.ReadAllBytes(Golden.PathOf("rows-f4.npy")), "application/x-npy");
        Assert.Contains("has 5 embeddings; at most 3", await TestApi.ProblemAsync(npy, 413, "too-large"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Encode_TooLargeBody_413(bool chunked)
    {
        await using TestApi api = await TestApi.StartAsync(o => o.MaxBodyBytes = 2000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "models/words/encode") { Content = new StringContent(new string(' ', 300_000), Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = chunked;
        using HttpResponseMessage response = await api.Client.SendAsync(request, TestContext.Current.CancellationToken);
        string detail = await TestApi.ProblemAsync(response, 413, "too-large");
        Assert.Contains(chunked ? "more than 2000 bytes" : "has 300000 bytes; at most 2000", detail, StringComparison.Ordinal);
        await api.EncodeAsync(Good);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Encode_OtherMediaType_415(string type)
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/encode", Good, type);
        Assert.Contains("application/x-npy", await TestApi.ProblemAsync(response, 415, "unsupported-media-type"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encode_BadNpy_TypedProblems()
    {
        await using TestApi api = await TestApi.StartAsync();
        byte[] good = await File.ReadAllBytesAsync(Golden.PathOf("rows-f4.npy"), TestContext.Current.CancellationToken);
        using HttpResponseMessage truncated = await api.PostAsync("models/words/encode", good[..^5], "application/x-npy");
        await TestApi.ProblemAsync(truncated, 422, "truncated-file");
        using HttpResponseMessage json = await api.PostAsync("models/words/encode", $"[{Good}]", "application/x-npy");
        await TestApi.ProblemAsync(json, 415, "unsupported-media-type");
        using HttpResponseMessage empty = await api.PostAsync("models/words/encode", [], "application/x-npy");
        await TestApi.ProblemAsync(empty, 422, "empty-file");
        byte[] nan = [.. good];
        BitConverter.GetBytes(float.NaN).CopyTo(nan, good.Length - 32);
        using HttpResponseMessage notFinite = await api.PostAsync("models/words/encode", nan, "application/x-npy");
        Assert.Contains("row 4", await TestApi.ProblemAsync(notFinite, 422, "not-finite"), StringComparison.Ordinal);
        byte[] zero = [.. good];
        zero.AsSpan(good.Length - 32).Clear();
        using HttpResponseMessage zeroRow = await api.PostAsync("models/words/encode", zero, "application/x-npy");
        Assert.Contains("row 4", await TestApi.ProblemAsync(zeroRow, 422, "zero-row"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encode_BadLine_SaysWhichLine()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/encode", $"{Good}\n\n{Good}\n[1,2", "application/x-ndjson");
        Assert.Contains("line 4", await TestApi.ProblemAsync(response, 400, "malformed-body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encode_NpyOutWithSeveralKs_Refused()
    {
        await using TestApi api = await TestApi.StartAsync();
        foreach (string query in new[] { "?ks=2,4", "?format=qdrant" })
        {
            using HttpResponseMessage response = await api.PostAsync("models/words/encode" + query, Good, accept: "application/x-npy");
            await TestApi.ProblemAsync(response, 422, "invalid-request");
        }
    }

    [Theory]
    [InlineData("models/other/encode", 404, "model-not-found")]
    [InlineData("models/words/encode?version=0000000000000000", 404, "model-not-found")]
    [InlineData("models/words/encode?version=..%2F..%2Fruns", 404, "model-not-found")]
    [InlineData("models/WORDS/encode", 422, "invalid-dataset-name")]
    [InlineData("models/..%2Fx/encode", 422, "invalid-dataset-name")]
    public async Task Encode_NoSuchModel_Problem(string path, int status, string code)
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync(path, Good);
        await TestApi.ProblemAsync(response, status, code);
    }
}
