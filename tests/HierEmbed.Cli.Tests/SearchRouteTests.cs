using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using HierEmbed.Cli.Tests.Support;

namespace HierEmbed.Cli.Tests;

/// <summary>The search route and <c>hierembed search</c>, on the same rows at the same bytes.</summary>
public sealed class SearchRouteTests
{
    private const int Rows = 400;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SmallRows.TrainingJson, false, "asymmetric")]
    [InlineData(SmallRows.TrainingJson, true, "asymmetric")]
    // Its levels are fitted to each block, so the command gives the same scores on the stored codes alone.
    [InlineData("""{"recipe": "seed", "epochs": 2, "latentDims": 32}""", true, "codes")]
    public async Task Search_RouteAndCommand_GiveTheSameNeighbours(string training, bool onStoredCodes, string scoring)
    {
        using var folder = new TemporaryFolder();
        folder.Write("storage/embeddings/docs/training.json", training);
        WriteTexts(folder);
        float[] queries = SmallRows.Make(6, seed: 5);
        SmallRows.WriteNpy(folder.At("q.npy"), queries, SmallRows.Dims);
        await using Server server = await Server.StartAsync(folder.At("storage"));
        string version = await server.VersionAfterAsync("docs", null);
        string model = folder.At($"storage/hierembed/models/docs/{version}");
        string[] files = [folder.At("storage/embeddings/docs/a.jsonl"), folder.At("storage/embeddings/docs/b.jsonl")];
        string[] corpus = onStoredCodes ? ["--corpus", .. StoredCodes(model), "--vectors", .. files] : ["--corpus", .. files, "--bytes", "32"];
        string[] command = ["search", model, .. corpus, "--top", "5", "--json"];

        foreach (string rerank in (string[])["full", "codes", "none"])
        {
            JsonElement told = await RunAsync([.. command, "--queries", folder.At("q.npy"), "--rerank", rerank]);
            JsonElement answered = await PostAsync(server, await File.ReadAllBytesAsync(folder.At("q.npy"), Cancellation), "application/x-npy", $"?topK=5&rerank={rerank}");
            RequireSame(told, answered, 6);
            Assert.Equal((version, scoring, Rows, 32), (answered.GetProperty("modelVersion").GetString(), answered.GetProperty("scoring").GetString(), answered.GetProperty("rows").GetInt32(), answered.GetProperty("bytesPerVector").GetInt32()));
        }
        // In JSON, and with stored rows as queries.
        float[][] lists = [.. queries.Chunk(SmallRows.Dims)];
        RequireSame(await RunAsync([.. command, "--queries", folder.At("q.npy")]), await PostAsync(server, new { topK = 5, queries = lists }), 6);
        RequireSame(await RunAsync([.. command, "--query-row", "321"]), await PostAsync(server, new { topK = 5, row = 321 }), 1);
        JsonElement byId = await PostAsync(server, new { topK = 5, id = "doc-7", rerank = "codes" });
        RequireSame(await RunAsync([.. command, "--query-id", "doc-7", "--rerank", "codes"]), byId, 1);
        Assert.Equal("text of 7", byId.GetProperty("results")[0].GetProperty("text").GetString());
    }

    /// <summary>With retrain: never another upload is coded with the version that is there, and its rows are searched without a restart.</summary>
    [Fact]
    public async Task Search_RowsAreAddedToAVersion_TheyAreFound()
    {
        using var folder = new TemporaryFolder();
        folder.Write("storage/embeddings/docs/training.json", SmallRows.TrainingJson.Replace("{", "{\"retrain\": \"never\", ", StringComparison.Ordinal));
        SmallRows.WriteNpy(folder.At("storage/embeddings/docs/a.npy"), 300);
        await using Server server = await Server.StartAsync(folder.At("storage"));
        string version = await server.VersionAfterAsync("docs", null);
        float[] added = SmallRows.Make(50, seed: 7);
        float[] query = added[(20 * SmallRows.Dims)..(21 * SmallRows.Dims)];
        Assert.Equal(300, (await PostAsync(server, new { query })).GetProperty("rows").GetInt32());
        SmallRows.WriteNpy(folder.At("storage/embeddings/docs/b.npy"), added, SmallRows.Dims);
        JsonElement answer = default;
        await server.Process.UntilAsync(async () => (answer = await PostAsync(server, new { query, topK = 1 })).GetProperty("rows").GetInt32() == 350);
        Assert.Equal(version, answer.GetProperty("modelVersion").GetString());
        JsonElement nearest = answer.GetProperty("results")[0].GetProperty("neighbours")[0];
        Assert.Equal(320, nearest.GetProperty("row").GetInt32());
        Assert.Equal(1, nearest.GetProperty("score").GetSingle(), 1e-5f);
    }

    /// <summary>Everything that both write of a result, but for scores, which may differ by the order of sums.</summary>
    private static void RequireSame(JsonElement told, JsonElement answered, int queries)
    {
        foreach (string field in (string[])["coding", "scoring", "rerank", "rows", "k", "bytesPerVector"])
            Assert.Equal(told.GetProperty(field).GetRawText(), answered.GetProperty(field).GetRawText());
        JsonElement[] expected = [.. told.GetProperty("results").EnumerateArray()], found = [.. answered.GetProperty("results").EnumerateArray()];
        Assert.Equal((queries, queries), (expected.Length, found.Length));
        for (int q = 0; q < queries; q++)
        {
            Assert.Equal(expected[q].GetProperty("shortlist").GetInt32(), found[q].GetProperty("shortlist").GetInt32());
            JsonElement[] before = [.. expected[q].GetProperty("neighbours").EnumerateArray()], now = [.. found[q].GetProperty("neighbours").EnumerateArray()];
            Assert.Equal((5, 5), (before.Length, now.Length));
            for (int i = 0; i < before.Length; i++)
            {
                foreach (string field in (string[])["row", "id", "text", "label"])
                    Assert.Equal(before[i].GetProperty(field).GetRawText(), now[i].GetProperty(field).GetRawText());
                // a.jsonl has 250 rows.
                int row = now[i].GetProperty("row").GetInt32();
                Assert.Equal(row < 250 ? ("docs/a.jsonl", row) : ("docs/b.jsonl", row - 250), (now[i].GetProperty("file").GetString(), now[i].GetProperty("sourceRow").GetInt32()));
                foreach (string score in (string[])["score", "codeScore"])
                    Assert.Equal(before[i].GetProperty(score).GetSingle(), now[i].GetProperty(score).GetSingle(), 1e-5f);
            }
        }
    }

    private static string[] StoredCodes(string model)
    {
        string run = JsonElement.Parse(File.ReadAllText(Path.Combine(model, "codes", "latest.json"))).GetProperty("runId").GetString()!;
        JsonElement index = JsonElement.Parse(File.ReadAllText(Path.Combine(model, "codes", $"{run}.json")));
        return [.. index.EnumerateArray().Select(entry => Path.Combine(model, "codes", entry.GetProperty("codes").GetString()!))];
    }

    private static async Task<JsonElement> RunAsync(string[] arguments) => JsonElement.Parse((await Hierembed.RunAsync(arguments)).Expect(0).Out);

    private static Task<JsonElement> PostAsync(Server server, object body) => PostAsync(server, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(body)), "application/json", "");

    private static async Task<JsonElement> PostAsync(Server server, byte[] body, string mediaType, string query)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri("models/docs/search" + query, UriKind.Relative), content, Cancellation);
        string text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    /// <summary>Two files, so that rows are counted over both.</summary>
    private static void WriteTexts(TemporaryFolder folder)
    {
        string[] lines = [.. SmallRows.Make(Rows).Chunk(SmallRows.Dims).Select((vector, i) => JsonSerializer.Serialize(new { id = $"doc-{i}", text = $"text of {i}", label = $"class {i % 3}", embedding = vector }))];
        // Seen together: a run begins with both.
        folder.Write("b.jsonl", string.Join('\n', lines[250..]));
        folder.Write("a.jsonl", string.Join('\n', lines[..250]));
        File.Move(folder.At("b.jsonl"), folder.At("storage/embeddings/docs/b.jsonl"));
        File.Move(folder.At("a.jsonl"), folder.At("storage/embeddings/docs/a.jsonl"));
    }
}
