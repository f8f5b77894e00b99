using System.Text.Json;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Search;
using HierEmbed.Serving.Tests.Support;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Tests;

public sealed class SearchTests
{
    private const string Route = "models/words/search";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Query => JsonSerializer.Serialize(Golden.Rows[1]);

    [Theory]
    [InlineData(false, CodeCoding.Pursuit)]
    [InlineData(true, CodeCoding.Pursuit)]
    [InlineData(false, CodeCoding.Encoder)]
    public async Task Search_ShortlistOfAllRows_ExactNeighboursWithWhatIsSaidOfThem(bool half, CodeCoding coding)
    {
        var rows = new StoredTestRows { Half = half, Coding = coding };
        await using TestApi api = await StartAsync(rows);
        JsonElement answer = await SearchAsync(api, $"{{\"query\":{Query},\"topK\":6,\"shortlistK\":150}}");
        Assert.Equal(("words", TestModels.A, "full", 150, StoredTestRows.BytesPerVector), (answer.GetProperty("model").GetString(), answer.GetProperty("modelVersion").GetString(),
            answer.GetProperty("rerank").GetString(), answer.GetProperty("rows").GetInt32(), answer.GetProperty("bytesPerVector").GetInt32()));
        Assert.Equal(coding == CodeCoding.Pursuit ? ("pursuit", "asymmetric") : ("encoder", "codes"), (answer.GetProperty("coding").GetString(), answer.GetProperty("scoring").GetString()));
        JsonElement result = answer.GetProperty("results")[0];
        Assert.Equal((0, 150), (result.GetProperty("query").GetInt32(), result.GetProperty("shortlist").GetInt32()));
        float[] cosines = [.. rows.Vectors().Select(row => CodeSimilarity.Cosine(Golden.Rows[1], row))];
        Assert.Equal(Enumerable.Range(0, 150).OrderByDescending(row => cosines[row]).Take(6), RowsOf(result));
        foreach (JsonElement n in result.GetProperty("neighbours").EnumerateArray())
        {
            int row = n.GetProperty("row").GetInt32();
            Assert.Equal(cosines[row], n.GetProperty("score").GetSingle(), 1e-5f); // Sums of float32 in another order.
            Assert.Equal((rows.Id(row), $"text {row}"), (n.GetProperty("id").GetString(), n.GetProperty("text").GetString()));
            // Counted in its block.
            Assert.Equal(row % 100 % 2 == 0, n.TryGetProperty("label", out _));
        }
    }

    /// <summary>What the encoder makes of the query, at the components of the stored codes, against these.</summary>
    [Theory]
    [InlineData("codes")]
    [InlineData("none")]
    public async Task Search_EncoderCodes_CosinesOfCodes(string rerank)
    {
        var rows = new StoredTestRows { Coding = CodeCoding.Encoder };
        await using TestApi api = await StartAsync(rows);
        JsonElement answer = await SearchAsync(api, $"{{\"query\":{Query},\"rerank\":\"{rerank}\"}}");
        using var folder = new TemporaryFolder();
        var codes = new List<SparseCode>();
        foreach (int block in (int[])[0, 1])
        {
            await File.WriteAllBytesAsync(folder.At("x.codes"), await api.Results.ReadBytesAsync(rows.Codes(block), Cancellation), Cancellation);
            using CodeFile file = CodeFile.Open(folder.At("x.codes"));
            Assert.Equal(answer.GetProperty("k").GetInt32(), file.Format.K);
            codes.AddRange(Enumerable.Range(0, (int)file.Rows).Select(row => file.Code(row)));
        }
        using EncoderModel model = await EncoderModelLoader.LoadAsync(api.Results, "words", TestModels.A, 1, Cancellation);
        SparseCode query = model.EncodeToCodes(Golden.Rows[1], 1, answer.GetProperty("k").GetInt32())[0];
        float[] cosines = [.. codes.Select(code => CodeSimilarity.Cosine(query, code))];
        foreach (JsonElement n in answer.GetProperty("results")[0].GetProperty("neighbours").EnumerateArray())
            Assert.Equal(cosines[n.GetProperty("row").GetInt32()], n.GetProperty("score").GetSingle(), 1e-5f);
        Assert.Equal(cosines.OrderDescending().Take(10), answer.GetProperty("results")[0].GetProperty("neighbours").EnumerateArray().Select(n => n.GetProperty("score").GetSingle()), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public async Task Search_EveryShapeOfABody_TheSameAnswer()
    {
        await using TestApi api = await StartAsync(new StoredTestRows());
        string rows = TestApi.Json(Golden.Rows[..2]);
        string expected = (await SearchAsync(api, $"{{\"queries\":{rows},\"topK\":3}}")).GetRawText();
        foreach (string body in (string[])[rows, $"{{\"queries\":{{\"float\":{rows}}}}}", $"{{\"embeddings\":{rows}}}",
            $"{{\"id\":\"0d1e\",\"texts\":[\"a\",\"b\"],\"embeddings\":{{\"float\":{rows}}},\"meta\":{{}},\"response_type\":\"embeddings_by_type\"}}"])
            Assert.Equal(expected, (await SearchAsync(api, body, "?topK=3")).GetRawText());
        using var npy = new MemoryStream();
        NpyWriter.Write<float>(npy, Golden.Rows[..2].SelectMany(row => row).ToArray(), 2, Golden.InputDims);
        Assert.Equal(expected, (await TestApi.OkAsync(await api.PostAsync(Route + "?topK=3&oversampling=10&rerank=full", npy.ToArray(), "application/x-npy"))).GetRawText());
        JsonElement one = await SearchAsync(api, JsonSerializer.Serialize(Golden.Rows[0]), "?topK=3");
        Assert.Equal(JsonElement.Parse(expected).GetProperty("results")[0].GetRawText(), one.GetProperty("results")[0].GetRawText());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Search_StoredRow_IsLeftOutAndNamed(bool vectors)
    {
        var rows = new StoredTestRows { HasVectors = vectors };
        await using TestApi api = await StartAsync(rows);
        JsonElement byRow = await SearchAsync(api, """{"row":120,"topK":149}"""), byId = await SearchAsync(api, $"{{\"id\":\"{rows.Id(120)}\",\"topK\":149}}");
        Assert.Equal(byRow.GetRawText(), byId.GetRawText());
        Assert.Equal(vectors ? "full" : "codes", byRow.GetProperty("rerank").GetString());
        JsonElement result = byRow.GetProperty("results")[0];
        Assert.Equal((120, rows.Id(120), "text 120"), (result.GetProperty("row").GetInt32(), result.GetProperty("id").GetString(), result.GetProperty("text").GetString()));
        Assert.Equal(Enumerable.Range(0, 150).Where(row => row != 120), RowsOf(result).Order());
    }

    [Theory]
    [InlineData("""{"row":150}""", true, "150")]
    [InlineData("""{"id":"1-150"}""", true, "1-150")]
    [InlineData("""{"id":""}""", true, "150 of 150 rows have ids")]
    [InlineData("""{"id":"1-1"}""", false, "no stored row has one")]
    public async Task Search_NoSuchRow_404(string body, bool labels, string detail)
    {
        await using TestApi api = await StartAsync(new StoredTestRows { HasLabels = labels });
        using HttpResponseMessage response = await api.PostAsync(Route, body);
        Assert.Contains(detail, await TestApi.ProblemAsync(response, 404, "row-not-found"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_RowsWithoutLabels_ArePlainNumbers()
    {
        await using TestApi api = await StartAsync(new StoredTestRows { HasLabels = false });
        JsonElement first = (await SearchAsync(api, $"{{\"query\":{Query}}}")).GetProperty("results")[0].GetProperty("neighbours")[0];
        Assert.Equal(["row", "score", "codeScore", "file", "sourceRow"], first.EnumerateObject().Select(field => field.Name));
    }

    /// <summary>Labels count from the file's first row, or where they were made of a file of labels from the block's.</summary>
    [Theory]
    [InlineData(true, 0, 1)]
    [InlineData(true, 0, 3)]
    [InlineData(true, 1000, 3)]
    [InlineData(false, 0, 1)]
    public async Task Search_RowsWereRejected_EachIsNamedByItsRowInTheFile(bool labels, long labelsFrom, long step)
    {
        await using TestApi api = await StartAsync(new StoredTestRows { HasLabels = labels, LabelsFrom = labelsFrom, Step = step });
        JsonElement[] found = [.. (await SearchAsync(api, """{"row":120,"topK":149}""")).GetProperty("results")[0].GetProperty("neighbours").EnumerateArray()];
        Assert.All(found, n => Assert.Equal(("words/a.npy", 1000 + (step * n.GetProperty("row").GetInt32())), (n.GetProperty("file").GetString(), n.GetProperty("sourceRow").GetInt64())));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Search_EarlierProgramStoredTheRows_OnlyTheirFileIsKnown(bool labels)
    {
        await using TestApi api = await StartAsync(new StoredTestRows { HasLabels = labels, FirstRows = false });
        JsonElement first = (await SearchAsync(api, """{"row":120}""")).GetProperty("results")[0].GetProperty("neighbours")[0];
        Assert.Equal("words/a.npy", first.GetProperty("file").GetString());
        Assert.False(first.TryGetProperty("sourceRow", out _));
    }

    [Fact]
    public async Task Search_VectorsAreNotStored_CodesUnlessFullIsAskedFor()
    {
        await using TestApi api = await StartAsync(new StoredTestRows { HasVectors = false });
        JsonElement answer = await SearchAsync(api, $"{{\"query\":{Query},\"topK\":149}}");
        Assert.Equal("codes", answer.GetProperty("rerank").GetString());
        Assert.Equal(149, answer.GetProperty("results")[0].GetProperty("neighbours").GetArrayLength());
        using HttpResponseMessage full = await api.PostAsync(Route, $"{{\"query\":{Query},\"rerank\":\"full\"}}");
        Assert.Contains("HierEmbed__StoreVectors", await TestApi.ProblemAsync(full, 422, "invalid-request"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"topK\":0", "1 to 1000")]
    [InlineData("\"topK\":1001", "1 to 1000")]
    [InlineData("\"topK\":\"5\"", "a whole number")]
    [InlineData("\"topK\":201", "at most 200 rows")]
    [InlineData("\"shortlistK\":201", "at most 200 rows")]
    [InlineData("\"topK\":30,\"oversampling\":10", "at most 200 rows")]
    [InlineData("\"topK\":2,\"oversampling\":10000", "20000 rows")]
    [InlineData("\"shortlistK\":20,\"oversampling\":2", "Both shortlistK and oversampling")]
    [InlineData("\"rerank\":\"best\"", "full or codes or none")]
    [InlineData("\"ks\":[8]", "unknown field \"ks\"")]
    [InlineData("\"texts\":[]", "unknown field \"texts\"")]
    [InlineData("\"row\":3", "query and row")]
    [InlineData("\"id\":\"a\"", "query and id")]
    [InlineData("\"id\":5", "id is 5")]
    [InlineData("\"query\":[1]", "query twice")]
    [InlineData("\"queries\":[]", "query and queries")]
    public async Task Search_OptionThatCannotBe_422SaysWhich(string field, string detail)
    {
        await using TestApi api = await StartAsync(new StoredTestRows());
        using HttpResponseMessage response = await api.PostAsync(Route, $"{{\"query\":{Query},{field}}}");
        Assert.Contains(detail, await TestApi.ProblemAsync(response, 422, "invalid-request"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", 422, "invalid-request", "names no query")]
    [InlineData("""{"row":null}""", 422, "invalid-request", "names no query")]
    [InlineData("""{"row":-1}""", 422, "invalid-request", "row is -1")]
    [InlineData("""{"query":[1,2]}""", 422, "wrong-dimensions", "query has 2 values")]
    [InlineData("""{"queries":[[0,0,0,0,0,0,0,0]]}""", 422, "zero-row", "queries[0]")]
    [InlineData("""{"queries":7}""", 422, "invalid-request", "queries is the number 7")]
    [InlineData("""{"query":[NaN]}""", 422, "not-finite", "query")]
    [InlineData("7", 422, "invalid-request", "no object")]
    [InlineData("{", 400, "malformed-body", "not JSON")]
    public async Task Search_BodyThatNamesNoQuery_IsRefused(string body, int status, string type, string detail)
    {
        await using TestApi api = await StartAsync(new StoredTestRows());
        using HttpResponseMessage response = await api.PostAsync(Route, body);
        Assert.Contains(detail, await TestApi.ProblemAsync(response, status, type), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_MoreThanOneAnswerHolds_413SaysTheLimit()
    {
        await using TestApi api = await StartAsync(new StoredTestRows());
        string rows = TestApi.Json([.. Enumerable.Range(0, 101).Select(i => Golden.Rows[i % 5])]);
        using HttpResponseMessage response = await api.PostAsync(Route, $"{{\"queries\":{rows},\"topK\":1000,\"rerank\":\"codes\"}}");
        Assert.Contains("at most 100000", await TestApi.ProblemAsync(response, 413, "too-large"), StringComparison.Ordinal);
        Assert.Equal(101, (await SearchAsync(api, $"{{\"queries\":{rows},\"topK\":200}}")).GetProperty("results").GetArrayLength());
    }

    /// <summary>Each row of a shortlist is work: a vector that is read, or a code that is scored.</summary>
    [Theory]
    [InlineData(134, 150, "full", null)]
    [InlineData(133, 150, "full", 19_950)]
    [InlineData(134, 149, "full", 19_966)]
    [InlineData(134, 150, "codes", 20_100)]
    [InlineData(134, 100_000, "none", 20_100)]
    public async Task Search_QueriesTimesShortlist_IsBounded(int queries, int shortlist, string rerank, int? rows)
    {
        await using TestApi api = await StartAsync(new StoredTestRows());
        string vectors = TestApi.Json([.. Enumerable.Range(0, queries).Select(i => Golden.Rows[i % 5])]);
        string body = $"{{\"queries\":{vectors},\"topK\":1,\"shortlistK\":{shortlist},\"rerank\":\"{rerank}\"}}";
        using HttpResponseMessage response = await api.PostAsync(Route, body);
        if (rows is null)
        {
            string detail = await TestApi.ProblemAsync(response, 413, "too-large");
            Assert.Contains("20100 rows", detail, StringComparison.Ordinal);
            Assert.Contains("at most 20000", detail, StringComparison.Ordinal);
            Assert.Contains("or rerank codes", detail, StringComparison.Ordinal);
            return;
        }
        Assert.Equal(rows, (await TestApi.OkAsync(response)).GetProperty("results").EnumerateArray().Sum(result => result.GetProperty("shortlist").GetInt32()));
    }

    [Theory]
    [InlineData(Rerank.Codes, 100, true)]
    [InlineData(Rerank.None, 100, true)]
    [InlineData(Rerank.Codes, 101, false)]
    [InlineData(Rerank.None, 101, false)]
    public void On_ManyRowsWithoutVectors_AtMostAMillion(Rerank rerank, int queries, bool fits)
    {
        var choices = new SearchChoices(10, 10_000, rerank);
        if (fits)
            Assert.Equal(10_000, choices.On("words", true, 2_000_000, queries).ShortlistRows);
        else
            Assert.Contains("at most 1000000", Assert.Throws<RequestException>(() => choices.On("words", true, 2_000_000, queries)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_NoNumbersAsked_TenNeighboursOutOfAHundredOrTwoHundredAtMost()
    {
        var rows = new StoredTestRows { Rows = 450 };
        await using TestApi api = await StartAsync(rows);
        JsonElement usual = (await SearchAsync(api, $"{{\"query\":{Query}}}")).GetProperty("results")[0];
        Assert.Equal((100, 10), (usual.GetProperty("shortlist").GetInt32(), usual.GetProperty("neighbours").GetArrayLength()));
        JsonElement many = (await SearchAsync(api, $"{{\"query\":{Query},\"topK\":40}}")).GetProperty("results")[0];
        Assert.Equal((SearchChoices.MaxFullRows, 40), (many.GetProperty("shortlist").GetInt32(), many.GetProperty("neighbours").GetArrayLength()));
        JsonElement codes = (await SearchAsync(api, $"{{\"query\":{Query},\"topK\":40,\"rerank\":\"codes\"}}")).GetProperty("results")[0];
        Assert.Equal((400, 40), (codes.GetProperty("shortlist").GetInt32(), codes.GetProperty("neighbours").GetArrayLength()));
    }

    /// <summary>Five blocks: their headers once, then a range each, as long as its rows.</summary>
    [Fact]
    public async Task Search_FullVectors_ComeInAsManyRangesAsThereAreBlocks()
    {
        var rows = new StoredTestRows { Rows = 450 };
        await using TestApi api = await StartAsync(rows);
        await SearchAsync(api, $"{{\"query\":{Query},\"topK\":200,\"shortlistK\":200}}");
        var ranges = api.Results.Ranges.Where(range => range.Name.EndsWith(".npy", StringComparison.Ordinal)).ToLookup(range => range.Offset == 0);
        Assert.Equal(5, ranges[true].Count());
        Assert.Equal(5, ranges[false].Count());
        Assert.All(ranges[false], range => Assert.InRange(range.Bytes, 32, 100 * 32));
        Assert.DoesNotContain(api.Results.Reads.Keys, name => name.Contains("/vectors/", StringComparison.Ordinal) || name.Contains("/labels/", StringComparison.Ordinal));
        // Of labels: a header, the ends and the texts of each block.
        Assert.Equal(15, api.Results.Ranges.Count(range => range.Name.EndsWith(".labels", StringComparison.Ordinal)));
        api.Results.Ranges.Clear();
        await SearchAsync(api, $"{{\"query\":{Query},\"topK\":200,\"shortlistK\":200}}");
        Assert.Equal(15, api.Results.Ranges.Count);
    }

    private static Task<TestApi> StartAsync(StoredTestRows rows) => StoredApi.StartAsync(rows);

    private static Task<JsonElement> SearchAsync(TestApi api, string body, string query = "") => StoredApi.SearchAsync(api, body, query);

    private static IEnumerable<int> RowsOf(JsonElement result) => result.GetProperty("neighbours").EnumerateArray().Select(n => n.GetProperty("row").GetInt32());
}
