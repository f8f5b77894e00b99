using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HierEmbed.Serving.Tests.Support;

namespace HierEmbed.Serving.Tests;

public sealed class EncodeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Rows => TestApi.Json(Golden.Rows);

    private static void RequireCode(JsonElement code, string graph, int row, int k, int prefix = Golden.LatentDims)
    {
        var (indices, values, norm) = Golden.Code(graph, row, k, prefix);
        Assert.Equal(k, code.GetProperty("k").GetInt32());
        Assert.Equal(Golden.LatentDims, code.GetProperty("dims").GetInt32());
        Assert.Equal(indices, code.GetProperty("indices").EnumerateArray().Select(e => e.GetInt32()));
        float[] found = [.. code.GetProperty("values").EnumerateArray().Select(e => e.GetSingle())];
        for (int i = 0; i < values.Length; i++)
            Assert.Equal(values[i], found[i], 1e-5f); // float32 against NumPy's float64
        Assert.Equal(norm, code.GetProperty("norm").GetSingle(), 1e-5f);
    }

    public static TheoryData<string> Shapes
    {
        get
        {
            string rows = TestApi.Json(Golden.Rows);
            string objects = "[" + string.Join(",", Golden.Rows.Select((r, i) => $"{{\"id\":\"{i}\",\"embedding\":{JsonSerializer.Serialize(r)},\"meta\":{{\"a\":[1]}}}}")) + "]";
            return new TheoryData<string>(
                $"{{\"embeddings\":{rows}}}",
                $"{{\"k\":4,\"embeddings\":{rows},\"normalize\":true,\"format\":\"sparse\",\"coding\":\"encoder\",\"side\":\"document\"}}",
                rows,
                objects,
                $"{{\"id\":\"1\",\"texts\":[\"a\",\"b\",\"c\",\"d\",\"e\"],\"embeddings\":{rows},\"meta\":{{\"api_version\":{{\"version\":\"1\"}}}},\"response_type\":\"embeddings_floats\"}}",
                $"{{\"id\":\"1\",\"embeddings\":{{\"int8\":[[1]],\"float\":{rows}}},\"texts\":[],\"meta\":{{}},\"response_type\":\"embeddings_by_type\"}}");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Encode_AnyJsonShape_SameCodes(string body)
    {
        await using TestApi api = await TestApi.StartAsync();
        JsonElement answer = await api.EncodeAsync(body);
        Assert.Equal("words", answer.GetProperty("model").GetString());
        Assert.Equal(TestModels.A, answer.GetProperty("modelVersion").GetString());
        Assert.Equal(5, answer.GetProperty("codes").GetArrayLength());
        for (int row = 0; row < 5; row++)
            RequireCode(answer.GetProperty("codes")[row], "a", row, 4);
    }

    [Fact]
    public async Task Encode_CohereInt8_EncodesTheIntegers()
    {
        await using TestApi api = await TestApi.StartAsync();
        JsonElement v2 = await api.EncodeAsync("{\"embeddings\":{\"int8\":[[1,-2,3,-4,5,-6,7,-128]]},\"response_type\":\"embeddings_by_type\"}");
        JsonElement plain = await api.EncodeAsync("[[1,-2,3,-4,5,-6,7,-128]]");
        Assert.Equal(plain.GetProperty("codes").GetRawText(), v2.GetProperty("codes").GetRawText());
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("{{\"embedding\":{0}}}")]
    public async Task Encode_OneVector_OneCode(string shape)
    {
        await using TestApi api = await TestApi.StartAsync();
        JsonElement answer = await api.EncodeAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, shape, JsonSerializer.Serialize(Golden.Rows[2])), "?k=3");
        RequireCode(Assert.Single(answer.GetProperty("codes").EnumerateArray()), "a", 2, 3);
    }

    [Theory]
    [InlineData("rows-f4.npy")]
    [InlineData("rows-f8.npy")]
    public async Task Encode_Npy_SameCodes(string file)
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/encode?k=4", await File.ReadAllBytesAsync(Golden.PathOf(file), Cancellation), "application/x-npy");
        JsonElement codes = (await TestApi.OkAsync(response)).GetProperty("codes");
        for (int row = 0; row < 5; row++)
            RequireCode(codes[row], "a", row, 4);
    }

    [Fact]
    public async Task Encode_NpyOfHalves_CloseCodes()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/encode?k=4", await File.ReadAllBytesAsync(Golden.PathOf("rows-f2.npy"), Cancellation), "application/x-npy");
        JsonElement codes = (await TestApi.OkAsync(response)).GetProperty("codes");
        for (int row = 0; row < 5; row++)
            Assert.Equal(Golden.Code("a", row, 4).Norm, codes[row].GetProperty("norm").GetSingle(), 1e-2f); // half has 11 bits
    }

    [Fact]
    public async Task Encode_NdJsonInAndOut_OneCodeALine()
    {
        await using TestApi api = await TestApi.StartAsync();
        string lines = string.Join("\n", Golden.Rows.Select((r, i) => i % 2 == 0 ? JsonSerializer.Serialize(r) : $"{{\"id\":{i},\"embeddings\":{{\"float\":{JsonSerializer.Serialize(r)}}}}}")) + "\n\n";
        using HttpResponseMessage response = await api.PostAsync("models/words/encode?k=4", lines, "application/x-ndjson", "application/x-ndjson");
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(TestModels.A, Assert.Single(response.Headers.GetValues("x-model-version")));
        string[] codes = (await response.Content.ReadAsStringAsync(Cancellation)).TrimEnd('\n').Split('\n');
        Assert.Equal(5, codes.Length);
        for (int row = 0; row < 5; row++)
            RequireCode(JsonElement.Parse(codes[row]), "a", row, 4);
    }

    [Fact]
    public async Task Encode_NpyOut_DenseFloat32()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/encode?k=4", Rows, accept: "application/json;q=0.5, application/x-npy");
        byte[] bytes = await response.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal("application/x-npy", response.Content.Headers.ContentType?.MediaType);
        int header = 10 + BitConverter.ToUInt16(bytes, 8);
        Assert.Contains("(5, 16)", Encoding.ASCII.GetString(bytes, 0, header), StringComparison.Ordinal);
        Assert.Equal(header + (5 * 16 * 4), bytes.Length);
        var (indices, values, _) = Golden.Code("a", 3, 4);
        for (int i = 0, next = 0; i < 16; i++)
            Assert.Equal(next < indices.Length && indices[next] == i ? values[next++] : 0, BitConverter.ToSingle(bytes, header + (((3 * 16) + i) * 4)), 1e-5f);
    }

    [Theory]
    [InlineData("{{\"ks\":[2,8],\"embeddings\":{0}}}", "")]
    [InlineData("{0}", "?ks=2,8")]
    public async Task Encode_SeveralKs_AListOfNestedCodesARow(string shape, string query)
    {
        await using TestApi api = await TestApi.StartAsync();
        JsonElement answer = await api.EncodeAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, shape, Rows), query);
        Assert.Equal("[2,8]", answer.GetProperty("ks").GetRawText());
        for (int row = 0; row < 5; row++)
        {
            RequireCode(answer.GetProperty("codes")[row][0], "a", row, 2);
            RequireCode(answer.GetProperty("codes")[row][1], "a", row, 8);
        }
    }

    [Fact]
    public async Task Encode_Prefix_OnlyTheFirstLatents()
    {
        await using TestApi api = await TestApi.StartAsync();
        JsonElement answer = await api.EncodeAsync($"{{\"k\":4,\"prefix\":8,\"embeddings\":{Rows}}}");
        for (int row = 0; row < 5; row++)
            RequireCode(answer.GetProperty("codes")[row], "a", row, 4, prefix: 8);
    }

    [Fact]
    public async Task Encode_NotNormalized_ValuesOfTheGraph()
    {
        await using TestApi api = await TestApi.StartAsync();
        JsonElement code = (await api.EncodeAsync($"{{\"k\":4,\"normalize\":false,\"embeddings\":{Rows}}}")).GetProperty("codes")[0];
        float[] expected = [.. Golden.Code("a", 0, 4).Indices.Select(i => Golden.PreActivations("a")[0][i])];
        Assert.Equal(expected, code.GetProperty("values").EnumerateArray().Select(e => e.GetSingle()), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public async Task Encode_Formats_AsTheirReadersWantThem()
    {
        await using TestApi api = await TestApi.StartAsync();
        string body = JsonSerializer.Serialize(Golden.Rows[0]);
        JsonElement sparse = (await api.EncodeAsync(body, "?k=2")).GetProperty("codes")[0];
        int[] indices = [.. sparse.GetProperty("indices").EnumerateArray().Select(e => e.GetInt32())];
        string[] values = [.. sparse.GetProperty("values").EnumerateArray().Select(e => e.GetRawText())];

        JsonElement pgvector = await api.EncodeAsync(body, "?k=2&format=pgvector");
        Assert.Equal($"{{{indices[0] + 1}:{values[0]},{indices[1] + 1}:{values[1]}}}/16", pgvector.GetProperty("codes")[0].GetString());
        Assert.Equal("pgvector", pgvector.GetProperty("format").GetString());

        JsonElement qdrant = (await api.EncodeAsync(body, "?k=2&format=qdrant")).GetProperty("codes")[0];
        Assert.Equal($"{{\"indices\":[{string.Join(',', indices)}],\"values\":[{string.Join(',', values)}]}}", qdrant.GetRawText());

        JsonElement dense = (await api.EncodeAsync(body, "?k=2&format=dense")).GetProperty("codes")[0];
        Assert.Equal(16, dense.GetProperty("values").GetArrayLength());
        Assert.Equal(values[1], dense.GetProperty("values")[indices[1]].GetRawText());
        Assert.False(dense.TryGetProperty("indices", out _));
    }

    [Fact]
    public async Task Encode_UnnormalizedModel_TakesZeroRows()
    {
        await using TestApi api = await TestApi.StartAsync(graph: "raw");
        JsonElement answer = await api.EncodeAsync("[0,0,0,0,0,0,0,0]");
        Assert.Equal(TestModels.Raw, answer.GetProperty("modelVersion").GetString());
    }

    [Fact]
    public async Task Encode_ManyRows_StreamsThemAll()
    {
        await using TestApi api = await TestApi.StartAsync();
        const int Rows = 3000;
        float[][] rows = [.. Enumerable.Range(0, Rows).Select(i => Golden.Rows[i % 5])];
        JsonElement codes = (await api.EncodeAsync(TestApi.Json(rows), "?format=dense")).GetProperty("codes");
        Assert.Equal(Rows, codes.GetArrayLength());
        Assert.Equal(codes[0].GetRawText(), codes[Rows - 5].GetRawText());
    }

    [Fact]
    public async Task Encode_OtherVersion_ByQuery()
    {
        await using TestApi api = await TestApi.StartAsync();
        await TestModels.PublishAsync(api.Results, "b");
        JsonElement answer = await api.EncodeAsync(Rows, $"?version={TestModels.A}");
        Assert.Equal(TestModels.A, answer.GetProperty("modelVersion").GetString());
        RequireCode(answer.GetProperty("codes")[0], "a", 0, 4);
    }

    [Fact]
    public async Task Encode_Concurrent_EachItsOwn()
    {
        await using TestApi api = await TestApi.StartAsync();
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            JsonElement answer = await api.EncodeAsync(JsonSerializer.Serialize(Golden.Rows[i % 5]), "?k=4");
            RequireCode(answer.GetProperty("codes")[0], "a", i % 5, 4);
        });
        // Loaded once, however many asked at the same time.
        Assert.Equal(1, api.Results.Reads[$"models/words/{TestModels.A}/encoder.onnx"]);
    }

    [Fact]
    public async Task Encode_ModelBoundAnswer_CarriesETag()
    {
        await using TestApi api = await TestApi.StartAsync();
        using HttpResponseMessage response = await api.PostAsync("models/words/encode", Rows);
        Assert.Equal(new EntityTagHeaderValue($"\"{TestModels.A}\""), response.Headers.ETag);
    }
}
