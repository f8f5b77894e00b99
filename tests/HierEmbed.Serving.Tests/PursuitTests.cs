using System.Text.Json;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Recipes;
using HierEmbed.Serving.Catalog;
using HierEmbed.Serving.Tests.Support;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Tests;

public sealed class PursuitTests
{
    private static readonly string DictionaryName = Layout.Version(TestModels.Dataset, TestModels.A) + Layout.DictionaryFile;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Rows => TestApi.Json(Golden.Rows);

    [Fact]
    public async Task Encode_Pursuit_CodesOfNumPyWithTheLengthOfWhatTheyRebuild()
    {
        await using TestApi api = await StartAsync();
        JsonElement answer = await api.EncodeAsync($"{{\"coding\":\"pursuit\",\"ks\":[1,3],\"embeddings\":{Rows}}}");
        Assert.Equal(("pursuit", "document"), (answer.GetProperty("coding").GetString(), answer.GetProperty("side").GetString()));
        for (int row = 0; row < 5; row++)
        {
            float[] expected = Golden.OfDictionary("pursuit")[row];
            JsonElement code = answer.GetProperty("codes")[row][1];
            int[] indices = [.. Enumerable.Range(0, 16).Where(latent => expected[latent] != 0)];
            Assert.Equal((3, 16), (code.GetProperty("k").GetInt32(), code.GetProperty("dims").GetInt32()));
            Assert.Equal(indices, code.GetProperty("indices").EnumerateArray().Select(e => e.GetInt32()));
            Assert.Equal(indices.Select(latent => expected[latent]), code.GetProperty("values").EnumerateArray().Select(e => e.GetSingle()), Close);
            Assert.Equal(expected[16], code.GetProperty("norm").GetSingle(), 1e-5f);
            // The values of fewer atoms are others.
            Assert.Single(answer.GetProperty("codes")[row][0].GetProperty("values").EnumerateArray());
        }
    }

    [Fact]
    public async Task Encode_PursuitFormats_HoldTheSameValues()
    {
        await using TestApi api = await StartAsync();
        string body = JsonSerializer.Serialize(Golden.Rows[1]);
        JsonElement sparse = (await api.EncodeAsync(body, "?coding=pursuit&k=3")).GetProperty("codes")[0];
        JsonElement unscaled = (await api.EncodeAsync(body, "?coding=pursuit&k=3&normalize=false")).GetProperty("codes")[0];
        JsonElement dense = (await api.EncodeAsync(body, "?coding=pursuit&k=3&format=dense")).GetProperty("codes")[0];
        JsonElement qdrant = (await api.EncodeAsync(body, "?coding=pursuit&k=3&format=qdrant")).GetProperty("codes")[0];
        Assert.Equal(sparse.GetRawText(), unscaled.GetRawText());
        Assert.Equal(sparse.GetProperty("values").GetRawText(), qdrant.GetProperty("values").GetRawText());
        Assert.Equal(Golden.OfDictionary("pursuit")[1][..16], dense.GetProperty("values").EnumerateArray().Select(e => e.GetSingle()), Close);
        JsonElement prefixed = (await api.EncodeAsync(body, "?coding=pursuit&k=3&prefix=4")).GetProperty("codes")[0];
        Assert.All(prefixed.GetProperty("indices").EnumerateArray(), index => Assert.InRange(index.GetInt32(), 0, 3));
        Assert.Equal(16, prefixed.GetProperty("dims").GetInt32());
    }

    /// <summary>A prefix has a Gram matrix of its own, which is not made anew with each request.</summary>
    [Fact]
    public async Task DictionaryAsync_Prefixes_TheLastTwoAreKeptAndShared()
    {
        await using TestApi api = await StartAsync();
        async Task<LinearDecoder> Decoder(int? prefix)
        {
            using ModelLease lease = await api.Host.Routes.Catalog.AcquireAsync("words", null, Cancellation);
            return await lease.DictionaryAsync(prefix, Cancellation);
        }
        LinearDecoder[] fours = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Decoder(4))));
        LinearDecoder four = Assert.Single(fours.Distinct());
        Assert.Equal(4, four.LatentDims);
        LinearDecoder five = await Decoder(5);
        Assert.Same(four, await Decoder(4));
        Assert.Same(await Decoder(null), await Decoder(16));
        await Decoder(6);
        Assert.Same(four, await Decoder(4));
        Assert.NotSame(five, await Decoder(5));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&prefix=5")]
    public async Task Encode_Query_ProjectionsOfNumPy(string prefix)
    {
        await using TestApi api = await StartAsync();
        JsonElement answer = await api.EncodeAsync(Rows, "?side=query" + prefix);
        Assert.Equal(("query", "pursuit", "dense", "[]"), (answer.GetProperty("side").GetString(), answer.GetProperty("coding").GetString(), answer.GetProperty("format").GetString(), answer.GetProperty("ks").GetRawText()));
        int dims = prefix.Length > 0 ? 5 : 16;
        for (int row = 0; row < 5; row++)
        {
            JsonElement query = answer.GetProperty("codes")[row];
            Assert.Equal(dims, query.GetProperty("dims").GetInt32());
            Assert.Equal(Golden.OfDictionary("queries")[row][..dims], query.GetProperty("values").EnumerateArray().Select(e => e.GetSingle()), Close);
            Assert.Equal(Golden.OfDictionary("means")[row][0], query.GetProperty("mean").GetSingle(), 1e-6f);
        }
    }

    /// <summary>What a client that has both answers computes is the cosine of the query and what the code rebuilds.</summary>
    [Fact]
    public async Task Encode_QueryAgainstCode_ScoreIsACosine()
    {
        await using TestApi api = await StartAsync();
        JsonElement code = (await api.EncodeAsync(JsonSerializer.Serialize(Golden.Rows[0]), "?coding=pursuit&k=8")).GetProperty("codes")[0];
        JsonElement query = (await api.EncodeAsync(JsonSerializer.Serialize(Golden.Rows[0]), "?side=query")).GetProperty("codes")[0];
        float[] values = [.. query.GetProperty("values").EnumerateArray().Select(e => e.GetSingle())];
        float product = code.GetProperty("indices").EnumerateArray().Zip(code.GetProperty("values").EnumerateArray(), (i, v) => values[i.GetInt32()] * v.GetSingle()).Sum();
        // 8 independent atoms rebuild 8 dimensions.
        Assert.Equal(1, (product + query.GetProperty("mean").GetSingle()) / code.GetProperty("norm").GetSingle(), 1e-4f);
    }

    [Fact]
    public async Task Encode_QueryLines_OneALine()
    {
        await using TestApi api = await StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/encode?side=query", Rows, accept: "application/x-ndjson");
        string[] lines = (await response.Content.ReadAsStringAsync(Cancellation)).TrimEnd('\n').Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.Equal(Golden.OfDictionary("means")[4][0], JsonElement.Parse(lines[4]).GetProperty("mean").GetSingle(), 1e-6f);
        using HttpResponseMessage npy = await api.PostAsync("models/words/encode?side=query", Rows, accept: "application/x-npy");
        Assert.Contains("no place for the product with the mean", await TestApi.ProblemAsync(npy, 422, "invalid-request"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encode_ManyPursuits_StreamsThemAllWithOneReadingOfTheDictionary()
    {
        await using TestApi api = await StartAsync();
        Assert.Equal(0, api.Results.Reads.GetValueOrDefault(DictionaryName));
        float[][] rows = [.. Enumerable.Range(0, 1500).Select(i => Golden.Rows[i % 5])];
        JsonElement[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => api.EncodeAsync(TestApi.Json(rows), "?coding=pursuit&k=3")));
        foreach (JsonElement answer in answers)
        {
            Assert.Equal(1500, answer.GetProperty("codes").GetArrayLength());
            Assert.Equal(answer.GetProperty("codes")[2].GetRawText(), answer.GetProperty("codes")[1497].GetRawText());
        }
        Assert.Equal(1, api.Results.Reads[DictionaryName]);
    }

    /// <summary>It goes with the version's session, and comes back with it.</summary>
    [Fact]
    public async Task Encode_VersionWasClosedInBetween_ReadsItsDictionaryAgain()
    {
        await using TestApi api = await TestApi.StartAsync(o => o.LoadedVersions = 1, publish: false);
        await TestModels.PublishWithDictionaryAsync(api.Results);
        await api.EncodeAsync(Rows, "?coding=pursuit&k=3");
        await TestModels.PublishAsync(api.Results, "b");
        // Once the new version answers, the one before is closed.
        while ((await api.EncodeAsync(Rows)).GetProperty("modelVersion").GetString() != TestModels.B)
            await Task.Delay(10, Cancellation);
        await api.EncodeAsync(Rows, $"?coding=pursuit&k=3&version={TestModels.A}");
        Assert.Equal(2, api.Results.Reads[DictionaryName]);
    }

    [Fact]
    public async Task Encode_DictionaryIsDamaged_SaysSoAndTheEncoderGoesOn()
    {
        await using TestApi api = await TestApi.StartAsync(publish: false);
        await TestModels.PublishWithDictionaryAsync(api.Results, bytes => bytes[^100] ^= 1);
        using HttpResponseMessage response = await api.PostAsync("models/words/encode?coding=pursuit", Rows);
        Assert.Contains("dictionary.npz has SHA-256", await TestApi.ProblemAsync(response, 500, "corrupt-artifact"), StringComparison.Ordinal);
        await api.EncodeAsync(Rows);
        // Mended, it is read again: a reading that failed is not kept.
        await api.Results.WriteBytesAsync(DictionaryName, await File.ReadAllBytesAsync(Golden.PathOf("dictionary-a.npz"), Cancellation), WriteCondition.Always, Cancellation);
        await api.EncodeAsync(Rows, "?coding=pursuit&k=3");
    }

    [Theory]
    [InlineData("coding=pursuit")]
    [InlineData("side=query")]
    public async Task Encode_ModelOfUnnormalizedRows_IsRefusedWithTheReason(string query)
    {
        await using TestApi api = await TestApi.StartAsync(publish: false);
        await TestModels.PublishWithDictionaryAsync(api.Results, change: manifest => manifest with { Recipe = manifest.Recipe with { Recipe = manifest.Recipe.Recipe with { L2Normalize = false } } });
        using HttpResponseMessage response = await api.PostAsync("models/words/encode?" + query, Rows);
        Assert.Contains("l2Normalize false", await TestApi.ProblemAsync(response, 422, "unsupported-content"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encode_ModelOfTheSeedRecipe_IsRefusedWithTheReason()
    {
        await using TestApi api = await TestApi.StartAsync(publish: false);
        using var stream = new MemoryStream();
        using (var file = new NpzWriter(stream))
            file.Add<float>("decoder", new float[16 * 8], 16, 8);
        await TestModels.PublishWithDictionaryAsync(api.Results, dictionary: stream.ToArray(),
            change: manifest => manifest with { Recipe = manifest.Recipe with { Recipe = manifest.Recipe.Recipe with { Architecture = Architecture.SigmoidOutput } } });
        using HttpResponseMessage response = await api.PostAsync("models/words/encode?coding=pursuit", Rows);
        Assert.Contains("seed", await TestApi.ProblemAsync(response, 422, "unsupported-content"), StringComparison.Ordinal);
    }

    private static bool Close(float a, float b) => Math.Abs(a - b) < 1e-5f; // float32 against NumPy's float64

    private static async Task<TestApi> StartAsync()
    {
        TestApi api = await TestApi.StartAsync(publish: false);
        await TestModels.PublishWithDictionaryAsync(api.Results);
        return api;
    }
}
