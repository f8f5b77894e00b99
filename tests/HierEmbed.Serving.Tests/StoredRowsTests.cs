using System.Text.Json;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Models;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Tests.Support;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;

namespace HierEmbed.Serving.Tests;

/// <summary>When stored rows are opened, replaced and let go.</summary>
public sealed class StoredRowsTests
{
    private const string Route = "models/words/search";
    private static readonly string Query = $"{{\"query\":{JsonSerializer.Serialize(Golden.Rows[1])},\"topK\":3}}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Search_IndexWouldBeTooLarge_503FromHeadersAlone()
    {
        var rows = new StoredTestRows();
        await using TestApi api = await StoredApi.StartAsync(rows, o => (o.MaxIndexBytes, o.PollInterval) = (3000, TimeSpan.FromHours(1)));
        string detail = await ProblemAsync(api, 503, "index-too-large");
        Assert.Contains("150 rows", detail, StringComparison.Ordinal);
        Assert.Contains("HierEmbed__MaxIndexBytes allows 3000", detail, StringComparison.Ordinal);
        Assert.Contains("hierembed search", detail, StringComparison.Ordinal);
        PackedCodeFormat format = CodeFile.ReadInfo("codes", await api.Results.ReadBytesAsync(rows.Codes(0), Cancellation)).Format;
        api.Results.Reads.Clear();
        // And twelve bytes for the id of each row.
        Assert.Contains($"up to {SearchIndex.ForecastBytes(Golden.LatentDims, Golden.InputDims, CodeCoding.Pursuit, [new(150, format.K, format.Grid)]) + (150 * 12)} bytes", detail, StringComparison.Ordinal);
        await ProblemAsync(api, 503, "index-too-large");
        Assert.DoesNotContain(rows.Codes(0), api.Results.Reads.Keys);
        Assert.All(api.Results.Ranges, range => Assert.Equal((0L, CodeFileInfo.MaxHeaderBytes), (range.Offset, range.Bytes)));
        // Not looked at again before the next poll.
        Assert.Equal(2, api.Results.Ranges.Count);
        await api.EncodeAsync(JsonSerializer.Serialize(Golden.Rows));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Search_VersionHasNoCodes_404UntilARunStoresThem(bool earlierProgram)
    {
        await using TestApi api = await StoredApi.StartAsync(null);
        if (earlierProgram)
            await new CodesIndexStore(api.Results).WriteAsync("words", TestModels.A, new CodesPointer("words-0", 0), [new CodesIndexEntry("words/a.npy", 0, 5, "x.npz")], Cancellation);
        Assert.Contains("POST /api/v1/runs", await ProblemAsync(api, 404, "no-stored-codes"), StringComparison.Ordinal);
        await new StoredTestRows().StoreAsync(api.Results);
        Assert.Equal(150, (await StoredApi.SearchAsync(api, Query)).GetProperty("rows").GetInt32());
    }

    [Fact]
    public async Task Search_ManyFirstRequests_OneOpening()
    {
        var rows = new StoredTestRows();
        await using TestApi api = await StoredApi.StartAsync(rows, o => o.PollInterval = TimeSpan.FromHours(1));
        var gate = new TaskCompletionSource();
        api.Results.BeforeRead = name => name == rows.Codes(0) ? gate.Task : Task.CompletedTask;
        Task<JsonElement>[] searches = [.. Enumerable.Range(0, 8).Select(_ => StoredApi.SearchAsync(api, Query))];
        while (!api.Results.Reads.ContainsKey(rows.Codes(0)))
            await Task.Delay(5, Cancellation);
        // A client that gives up takes nothing from the others.
        using (var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            impatient.CancelAfter(50);
            using var body = new StringContent(Query, null, "application/json");
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => api.Client.PostAsync(Route, body, impatient.Token));
        }
        gate.SetResult();
        string[] answers = Array.ConvertAll(await Task.WhenAll(searches), answer => answer.GetRawText());
        Assert.Single(answers.Distinct());
        Assert.Equal((1, 1), (api.Results.Reads[rows.Codes(0)], api.Results.Reads[rows.Codes(1)]));
    }

    [Fact]
    public async Task Search_AnotherRunStoresRows_TheyAreSearchedWithoutAFailureInBetween()
    {
        await using TestApi api = await StoredApi.StartAsync(new StoredTestRows());
        Assert.Equal(150, (await StoredApi.SearchAsync(api, Query)).GetProperty("rows").GetInt32());
        var newer = new StoredTestRows { RunId = StoredTestRows.Run2, Sequence = 2, Rows = 170 };
        var gate = new TaskCompletionSource();
        api.Results.BeforeRead = name => name == newer.Codes(0) ? gate.Task : Task.CompletedTask;
        await newer.StoreAsync(api.Results);
        while (!api.Results.Reads.ContainsKey(newer.Codes(0)))
            Assert.Equal(150, (await StoredApi.SearchAsync(api, Query)).GetProperty("rows").GetInt32());
        // While the new index is built, the old one answers.
        Assert.Equal("1-7", (await StoredApi.SearchAsync(api, """{"row":7}""")).GetProperty("results")[0].GetProperty("id").GetString());
        gate.SetResult();
        while ((await StoredApi.SearchAsync(api, Query)).GetProperty("rows").GetInt32() != 170)
            await Task.Delay(5, Cancellation);
        Assert.Equal("2-7", (await StoredApi.SearchAsync(api, """{"row":7}""")).GetProperty("results")[0].GetProperty("id").GetString());
        // An opening that fails leaves the rows at hand.
        var broken = new StoredTestRows { RunId = "words-0000000000000003", Sequence = 3, Rows = 30 };
        await broken.StoreAsync(api.Results);
        await api.Results.WriteBytesAsync(broken.Codes(0), new byte[200], WriteCondition.Always, Cancellation);
        for (int i = 0; i < 20; i++, await Task.Delay(10, Cancellation))
            Assert.Equal(170, (await StoredApi.SearchAsync(api, Query)).GetProperty("rows").GetInt32());
    }

    /// <summary>Blocks of the same content are stored once.</summary>
    [Fact]
    public async Task Search_TwoBlocksThatAreOneFile_EachRowIsThereTwice()
    {
        var rows = new StoredTestRows { Rows = 100 };
        await using TestApi api = await StoredApi.StartAsync(rows);
        var indexes = new CodesIndexStore(api.Results);
        CodesIndexEntry entry = (await indexes.FindAsync("words", TestModels.A, rows.RunId, Cancellation))!.Single();
        await indexes.WriteAsync("words", TestModels.A, new CodesPointer(StoredTestRows.Run2, 2), [entry, entry with { File = "words/b.npy" }], Cancellation);
        JsonElement answer = await StoredApi.SearchAsync(api, """{"row":105,"topK":100,"shortlistK":200}""");
        Assert.Equal(200, answer.GetProperty("rows").GetInt32());
        JsonElement result = answer.GetProperty("results")[0];
        JsonElement[] found = [.. result.GetProperty("neighbours").EnumerateArray()];
        Assert.Equal(rows.Id(5), result.GetProperty("id").GetString());
        Assert.Equal((5, 1f), (found[0].GetProperty("row").GetInt32(), found[0].GetProperty("score").GetSingle()), (a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-5f);
        Assert.All(found, n => Assert.Equal($"text {n.GetProperty("row").GetInt32() % 100}", n.GetProperty("text").GetString()));
        // Each has the full cosine of its own vector, whichever block it is read from.
        float[][] vectors = rows.Vectors();
        foreach (string query in (string[])["""{"row":105,"topK":199,"shortlistK":200}""", $"{{\"query\":{JsonSerializer.Serialize(vectors[7])},\"topK\":200,\"shortlistK\":200}}"])
        {
            JsonElement full = await StoredApi.SearchAsync(api, query);
            Assert.Equal("full", full.GetProperty("rerank").GetString());
            float[] subject = vectors[query.Contains("105", StringComparison.Ordinal) ? 5 : 7];
            float[] cosines = [.. vectors.Select(row => CodeSimilarity.Cosine(subject, row))];
            JsonElement[] all = [.. full.GetProperty("results")[0].GetProperty("neighbours").EnumerateArray()];
            Assert.Equal(query.Contains("105", StringComparison.Ordinal) ? 199 : 200, all.Select(n => n.GetProperty("row").GetInt32()).Distinct().Count());
            Assert.All(all, n => Assert.Equal(cosines[n.GetProperty("row").GetInt32() % 100], n.GetProperty("score").GetSingle(), 1e-5f));
        }
        // Of two rows with one id the first is meant.
        Assert.Equal(5, (await StoredApi.SearchAsync(api, $"{{\"id\":\"{rows.Id(5)}\"}}")).GetProperty("results")[0].GetProperty("row").GetInt32());
    }

    [Fact]
    public async Task Search_NewVersionIsServed_ItsRowsAreSearched()
    {
        await using TestApi api = await StoredApi.StartAsync(new StoredTestRows(), o => o.LoadedVersions = 1);
        await StoredApi.SearchAsync(api, Query);
        await TestModels.PublishAsync(api.Results, "b");
        await new StoredTestRows { Version = TestModels.B, Coding = CodeCoding.Encoder, Rows = 60 }.StoreAsync(api.Results);
        api.Host.Routes.Catalog.Forget("words");
        JsonElement answer = await StoredApi.SearchAsync(api, Query);
        Assert.Equal((TestModels.B, 60, "codes"), (answer.GetProperty("modelVersion").GetString(), answer.GetProperty("rows").GetInt32(), answer.GetProperty("scoring").GetString()));
        JsonElement before = await StoredApi.SearchAsync(api, Query, $"?version={TestModels.A}");
        Assert.Equal((TestModels.A, 150), (before.GetProperty("modelVersion").GetString(), before.GetProperty("rows").GetInt32()));
    }

    /// <summary>Runs that replace one another while clients search: every answer is of one of them, whole.</summary>
    [Fact]
    public async Task Search_RowsReplacedUnderLoad_NoRequestFails()
    {
        await using TestApi api = await StoredApi.StartAsync(new StoredTestRows());
        using var stop = new CancellationTokenSource();
        Task[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                JsonElement answer = await StoredApi.SearchAsync(api, """{"row":7,"topK":5}""");
                string run = answer.GetProperty("rows").GetInt32() == 150 ? "1" : "2";
                Assert.All(answer.GetProperty("results")[0].GetProperty("neighbours").EnumerateArray(), n => Assert.StartsWith(run, n.GetProperty("id").GetString(), StringComparison.Ordinal));
            }
        }, Cancellation))];
        for (int sequence = 2; sequence < 8; sequence++)
        {
            await new StoredTestRows { RunId = sequence % 2 == 0 ? StoredTestRows.Run2 : StoredTestRows.Run1, Sequence = sequence, Rows = sequence % 2 == 0 ? 170 : 150 }.StoreAsync(api.Results);
            await Task.Delay(120, Cancellation);
        }
        await stop.CancelAsync();
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task Search_RowsWereDeletedForNewerOnes_TheAnswerIsOfTheNewer()
    {
        var old = new StoredTestRows();
        await using TestApi api = await StoredApi.StartAsync(old, o => o.PollInterval = TimeSpan.FromHours(1));
        await StoredApi.SearchAsync(api, Query);
        await new StoredTestRows { RunId = StoredTestRows.Run2, Sequence = 2 }.StoreAsync(api.Results);
        await DeleteVectorsAsync(api, old);
        Task<JsonElement>[] searches = [.. Enumerable.Range(0, 6).Select(_ => StoredApi.SearchAsync(api, """{"row":7}"""))];
        Assert.All(await Task.WhenAll(searches), found => Assert.Equal("2-7", found.GetProperty("results")[0].GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Search_RowsWereDeletedAndThereAreNoOthers_404SaysWhatToDo()
    {
        var rows = new StoredTestRows();
        await using TestApi api = await StoredApi.StartAsync(rows, o => o.PollInterval = TimeSpan.FromHours(1));
        await StoredApi.SearchAsync(api, Query);
        await DeleteVectorsAsync(api, rows);
        string gone = await ProblemAsync(api, 404, "artifact-not-found");
        Assert.Contains("vectors/", gone, StringComparison.Ordinal);
        Assert.Contains("Send the request again", gone, StringComparison.Ordinal);
        await rows.StoreAsync(api.Results);
        await StoredApi.SearchAsync(api, Query);
    }

    /// <summary>A run that is repeated writes its index anew under the same name.</summary>
    [Fact]
    public async Task Search_RunIsRepeated_ItsRowsAreSearched()
    {
        var before = new StoredTestRows();
        await using TestApi api = await StoredApi.StartAsync(before);
        Assert.Equal(150, (await StoredApi.SearchAsync(api, Query)).GetProperty("rows").GetInt32());
        await new StoredTestRows { Sequence = 2, Rows = 170, Content = "again-" }.StoreAsync(api.Results);
        await DeleteVectorsAsync(api, before);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await StoredApi.SearchAsync(api, Query)).GetProperty("rows").GetInt32() != 170)
            await Task.Delay(5, late.Token);
    }

    private static async Task DeleteVectorsAsync(TestApi api, StoredTestRows rows)
    {
        await api.Results.DeleteAsync(rows.VectorFile(0), null, Cancellation);
        await api.Results.DeleteAsync(rows.VectorFile(1), null, Cancellation);
    }

    [Fact]
    public async Task Search_ScratchCopies_AreGoneWithTheHost()
    {
        using var folder = new TemporaryFolder();
        await using (TestApi api = await StoredApi.StartAsync(new StoredTestRows(), o => o.ScratchPath = folder.Root))
        {
            await StoredApi.SearchAsync(api, Query);
            // What is mapped needs no name where the system lets it go.
            Assert.Equal(OperatingSystem.IsWindows(), Directory.EnumerateFileSystemEntries(folder.Root).Any());
            Assert.Equal(OperatingSystem.IsLinux(), IsMapped(folder.Root));
            // So it is with rows that newer ones replace.
            await new StoredTestRows { RunId = StoredTestRows.Run2, Sequence = 2, Rows = 170, BlockRows = 170 }.StoreAsync(api.Results);
            while ((await StoredApi.SearchAsync(api, Query)).GetProperty("rows").GetInt32() != 170)
                await Task.Delay(5, Cancellation);
            // They go just after their successors are there.
            while (IsMapped($"{StoredTestRows.Run1}-0.codes", folder.Root))
                await Task.Delay(5, Cancellation);
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Root));
        Assert.False(IsMapped(folder.Root));
    }

    [Fact]
    public async Task Search_RowsWithoutIds_NoFileStaysOpenForThem()
    {
        using var folder = new TemporaryFolder();
        await using TestApi api = await StoredApi.StartAsync(new StoredTestRows { HasLabels = false }, o => o.ScratchPath = folder.Root);
        JsonElement answer = await StoredApi.SearchAsync(api, Query);
        Assert.Equal(StoredTestRows.BytesPerVector, answer.GetProperty("bytesPerVector").GetInt32());
        Assert.False(IsMapped(folder.Root));
        using HttpResponseMessage byId = await api.PostAsync(Route, """{"id":"1-1"}""");
        await TestApi.ProblemAsync(byId, 404, "row-not-found");
    }

    private static bool IsMapped(params string[] words) =>
        OperatingSystem.IsLinux() && File.ReadLines("/proc/self/maps").Any(line => words.All(word => line.Contains(word, StringComparison.Ordinal)));

    [Fact]
    public async Task Search_ScratchFolderCannotBeWritten_507SaysWhich()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("file"), "in the way", Cancellation);
        await using TestApi api = await StoredApi.StartAsync(new StoredTestRows(), o => o.ScratchPath = folder.At("file"));
        string detail = await ProblemAsync(api, 507, "too-little-space");
        Assert.Contains(folder.At("file"), detail, StringComparison.Ordinal);
        Assert.Contains("HierEmbed__ScratchPath", detail, StringComparison.Ordinal);
        // Put right, it is tried again at once.
        File.Delete(folder.At("file"));
        await StoredApi.SearchAsync(api, Query);
    }

    private static async Task<string> ProblemAsync(TestApi api, int status, string code)
    {
        using HttpResponseMessage response = await api.PostAsync(Route, Query);
        return await TestApi.ProblemAsync(response, status, code);
    }
}
