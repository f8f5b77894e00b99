using System.Text.Json;
using HierEmbed.Serving.Tests.Support;

namespace HierEmbed.Serving.Tests;

public sealed class SimilarityTests
{
    private static readonly string R0 = JsonSerializer.Serialize(Golden.Rows[0]);
    private static readonly string R1 = JsonSerializer.Serialize(Golden.Rows[1]);
    private static readonly string R2 = JsonSerializer.Serialize(Golden.Rows[2]);

    private static float CodeCosine(int a, int b, int k, int prefix = Golden.LatentDims)
    {
        var x = Golden.Code("a", a, k, prefix);
        var y = Golden.Code("a", b, k, prefix);
        return x.Indices.Select((latent, i) => Array.IndexOf(y.Indices, latent) is >= 0 and var j ? x.Values[i] * y.Values[j] : 0).Sum();
    }

    private static float FullCosine(int a, int b)
    {
        float[] x = Golden.Rows[a], y = Golden.Rows[b];
        return x.Zip(y, (u, v) => u * v).Sum() / (MathF.Sqrt(x.Sum(v => v * v)) * MathF.Sqrt(y.Sum(v => v * v)));
    }

    [Fact]
    public async Task Similarity_Pairs_CosinesAtEveryK()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/similarity", $"{{\"pairs\":[[{R0},{R1}],[{R2},{R2}]],\"ks\":[2,4]}}");
        JsonElement answer = await TestApi.OkAsync(response);
        Assert.Equal("codes", answer.GetProperty("scoring").GetString());
        Assert.Equal(TestModels.A, answer.GetProperty("modelVersion").GetString());
        JsonElement first = answer.GetProperty("results")[0];
        Assert.Equal(FullCosine(0, 1), first.GetProperty("full").GetSingle(), 1e-5f);
        Assert.Equal(CodeCosine(0, 1, 2), first.GetProperty("codes").GetProperty("2").GetSingle(), 1e-5f);
        Assert.Equal(CodeCosine(0, 1, 4), first.GetProperty("codes").GetProperty("4").GetSingle(), 1e-5f);
        Assert.Equal(1, answer.GetProperty("results")[1].GetProperty("codes").GetProperty("4").GetSingle(), 1e-5f);
    }

    [Fact]
    public async Task Similarity_QueryAfterCandidates_OneResultACandidateAtDefaultKs()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/similarity", $"{{\"candidates\":[{R1},{{\"embedding\":{R2}}}],\"query\":{R0}}}");
        JsonElement answer = await TestApi.OkAsync(response);
        Assert.Equal("[8,16]", answer.GetProperty("ks").GetRawText());
        Assert.Equal(2, answer.GetProperty("results").GetArrayLength());
        Assert.Equal(FullCosine(0, 2), answer.GetProperty("results")[1].GetProperty("full").GetSingle(), 1e-5f);
        Assert.Equal(CodeCosine(0, 2, 8), answer.GetProperty("results")[1].GetProperty("codes").GetProperty("8").GetSingle(), 1e-5f);
    }

    [Fact]
    public async Task Similarity_Prefix_OnlyTheFirstLatents()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/similarity?ks=3&prefix=8", $"{{\"query\":{R0},\"candidates\":[{R1}]}}");
        JsonElement answer = await TestApi.OkAsync(response);
        Assert.Equal(CodeCosine(0, 1, 3, prefix: 8), answer.GetProperty("results")[0].GetProperty("codes").GetProperty("3").GetSingle(), 1e-5f);
    }

    /// <summary>The atoms of the dictionary are not of unit length, and the encoder's values count for them as they are.</summary>
    [Fact]
    public async Task Similarity_LinearDictionary_DecodedCosinesOfNumPy()
    {
        await using TestApi api = await TestApi.StartAsync(publish: false);
        await TestModels.PublishWithDictionaryAsync(api.Results);
        using HttpResponseMessage many = await api.PostAsync("models/words/similarity?ks=4,2", $"{{\"query\":{R0},\"candidates\":[{R1},{R2},{R0}]}}");
        JsonElement results = (await TestApi.OkAsync(many)).GetProperty("results");
        using HttpResponseMessage pairs = await api.PostAsync("models/words/similarity?ks=2", $"{{\"pairs\":[[{R0},{R1}],[{R1},{R2}]]}}");
        JsonElement paired = (await TestApi.OkAsync(pairs)).GetProperty("results");
        foreach ((int candidate, int row) in new[] { (0, 1), (1, 2), (2, 0) })
        {
            foreach (string k in new[] { "2", "4" })
                Assert.Equal(Golden.OfDictionary($"decoded{k}")[0][row], results[candidate].GetProperty("decoded").GetProperty(k).GetSingle(), 1e-5f);
        }
        Assert.Equal(Golden.OfDictionary("decoded2")[0][1], paired[0].GetProperty("decoded").GetProperty("2").GetSingle(), 1e-5f);
        Assert.Equal(Golden.OfDictionary("decoded2")[1][2], paired[1].GetProperty("decoded").GetProperty("2").GetSingle(), 1e-5f);
        Assert.Equal(CodeCosine(0, 1, 2), paired[0].GetProperty("codes").GetProperty("2").GetSingle(), 1e-5f);
    }

    [Fact]
    public async Task Similarity_NoLinearDictionary_NothingDecoded()
    {
        await using TestApi api = await TestApi.StartAsync(graph: "raw");
        using HttpResponseMessage response = await api.PostAsync("models/words/similarity?ks=2", $"{{\"query\":{R0},\"candidates\":[{R1}]}}");
        Assert.False((await TestApi.OkAsync(response)).GetProperty("results")[0].TryGetProperty("decoded", out _));
    }

    public static TheoryData<string, int, string, string> Bodies => new()
    {
        { "{", 400, "malformed-body", "line 1" },
        { "[]", 422, "invalid-request", "no object" },
        { "{}", 422, "invalid-request", "nothing" },
        { $"{{\"query\":{R0}}}", 422, "invalid-request", "The body has query" },
        { $"{{\"query\":{R0},\"candidates\":[],\"pairs\":[]}}", 422, "invalid-request", "pairs" },
        { $"{{\"pairs\":[[{R0}]]}}", 422, "invalid-request", "pairs[0] has 1 vectors" },
        { $"{{\"pairs\":[[{R0},{R0},{R0}]]}}", 422, "invalid-request", "pairs[0] has more than 2" },
        { "{\"pairs\":7}", 422, "invalid-request", "pairs is no array" },
        { "{\"pairs\":[7]}", 422, "invalid-request", "pairs[0] is no array" },
        { $"{{\"pairs\":[[{R0},[1]]]}}", 422, "wrong-dimensions", "pairs[0][1] has 1 values" },
        { $"{{\"query\":{R0},\"candidates\":[{R1},[0,0,0,0,0,0,0,0]]}}", 422, "zero-row", "candidates[1]" },
        { "{\"query\":[NaN],\"candidates\":[]}", 422, "not-finite", "query holds NaN" },
        { $"{{\"query\":{R0},\"candidates\":[{R1}],\"topK\":3}}", 422, "invalid-request", "\"topK\"" },
        { $"{{\"query\":{R0},\"query\":{R0},\"candidates\":[{R1}]}}", 422, "invalid-request", "query twice" },
        { $"{{\"query\":{R0},\"candidates\":[{R1}],\"coding\":\"pursuit\"}}", 422, "invalid-request", "inner product with a projected query" },
        { $"{{\"query\":{R0},\"candidates\":[{R1}],\"ks\":[17]}}", 422, "invalid-request", "ks is 17" },
        { $"{{\"query\":{R0},\"candidates\":[{string.Join(',', Enumerable.Repeat(R1, 6))}]}}", 413, "too-large", "6 embeddings; at most 5" },
        { $"{{\"pairs\":[{string.Join(',', Enumerable.Repeat($"[{R0},{R1}]", 4))}]}}", 413, "too-large", "8 embeddings; at most 5" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Similarity_BadBody_OneTypedProblem(string body, int status, string code, string says)
    {
        await using TestApi api = await TestApi.StartAsync(o => o.MaxRequestRows = 5);
        using HttpResponseMessage response = await api.PostAsync("models/words/similarity", body);
        Assert.Contains(says, await TestApi.ProblemAsync(response, status, code), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Similarity_OtherMediaType_415()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/similarity", "x", "application/x-npy");
        await TestApi.ProblemAsync(response, 415, "unsupported-media-type");
    }
}
