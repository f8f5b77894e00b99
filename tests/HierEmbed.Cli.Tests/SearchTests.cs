using System.Text.Json;
using HierEmbed.Cli.Search;
using HierEmbed.Cli.Tests.Support;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Readers;

namespace HierEmbed.Cli.Tests;

public sealed class SearchTests(TrainedModel trained)
{
    private const int Rows = 400;

    [Theory]
    [InlineData("--bytes", "8", "--coding", "pursuit")]
    [InlineData("--k", "4", "--coding", "encoder")]
    [InlineData("--k", "1")]
    public async Task Search_ShortlistOfAllRows_GivesExactNeighbours(params string[] codes)
    {
        using var folder = new TemporaryFolder();
        float[] rows = SmallRows.Make(Rows), queries = SmallRows.Make(7, seed: 5);
        SmallRows.WriteNpy(folder.At("q.npy"), queries, SmallRows.Dims);
        JsonElement found = await SearchAsync(folder, ["--corpus", trained.Vectors, "--queries", "q.npy", "--top", "5", "--oversampling", "80", .. codes]);
        Assert.Equal("full", found.GetProperty("rerank").GetString());
        JsonElement[] results = [.. found.GetProperty("results").EnumerateArray()];
        Assert.Equal(Enumerable.Range(0, 7), results.Select(result => result.GetProperty("query").GetInt32()));
        for (int q = 0; q < 7; q++)
        {
            float[] cosines = [.. Enumerable.Range(0, Rows).Select(row => CodeSimilarity.Cosine(queries.AsSpan(q * SmallRows.Dims, SmallRows.Dims), rows.AsSpan(row * SmallRows.Dims, SmallRows.Dims)))];
            int[] expected = [.. Enumerable.Range(0, Rows).OrderByDescending(row => cosines[row]).Take(5)];
            Assert.Equal(Rows, results[q].GetProperty("shortlist").GetInt32());
            Assert.Equal(expected, RowsOf(results[q]));
            // Sums of float32 in another order.
            Assert.All(results[q].GetProperty("neighbours").EnumerateArray(), n => Assert.Equal(cosines[n.GetProperty("row").GetInt32()], n.GetProperty("score").GetSingle(), 1e-5f));
        }
    }

    [Theory]
    [InlineData("pursuit", "asymmetric")]
    [InlineData("encoder", "codes")]
    public async Task Search_CodesFile_GivesWhatItsEmbeddingsGive(string coding, string scoring)
    {
        using var folder = new TemporaryFolder();
        (await Hierembed.RunInAsync(folder.Root, ["encode", trained.Model, trained.Vectors, "--bytes", "8", "--coding", coding, "--out", "c.codes"])).Expect(0);
        SmallRows.WriteNpy(folder.At("q.npy"), 5, seed: 6);
        JsonElement embeddings = await SearchAsync(folder, ["--corpus", trained.Vectors, "--queries", "q.npy", "--bytes", "8", "--coding", coding]);
        JsonElement codes = await SearchAsync(folder, ["--corpus", "c.codes", "--queries", "q.npy", "--vectors", trained.Vectors]);
        Assert.Equal(embeddings.GetRawText(), codes.GetRawText());
        Assert.Equal(scoring, codes.GetProperty("scoring").GetString());
        Assert.Equal(100, codes.GetProperty("results")[0].GetProperty("shortlist").GetInt32());
    }

    [Theory]
    [InlineData("codes")]
    [InlineData("none")]
    public async Task Search_CodesFileAlone_RanksByCodes(string rerank)
    {
        using var folder = new TemporaryFolder();
        (await Hierembed.RunInAsync(folder.Root, ["encode", trained.Model, trained.Vectors, "--bytes", "8", "--out", "c.codes"])).Expect(0);
        JsonElement asked = await SearchAsync(folder, ["--corpus", "c.codes", "--query-row", "3", "--rerank", rerank]);
        JsonElement result = asked.GetProperty("results")[0];
        float[] scores = [.. result.GetProperty("neighbours").EnumerateArray().Select(n => n.GetProperty("score").GetSingle())];
        Assert.Equal(10, scores.Length);
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal(scores, result.GetProperty("neighbours").EnumerateArray().Select(n => n.GetProperty("codeScore").GetSingle()));
        Assert.DoesNotContain(3, RowsOf(result));
        // Without vectors that is the default, and all that there is to rank by.
        Assert.Equal("codes", (await SearchAsync(folder, ["--corpus", "c.codes", "--query-row", "3"])).GetProperty("rerank").GetString());
    }

    [Fact]
    public async Task Search_RowOfTheCorpus_IsLeftOutAndNamed()
    {
        using var folder = new TemporaryFolder();
        WriteTexts(folder, 30);
        string[] corpus = ["--corpus", "b.jsonl", "a.jsonl", "--bytes", "8", "--top", "3"];
        JsonElement byRow = (await SearchAsync(folder, [.. corpus, "--query-row", "21"])).GetProperty("results")[0];
        JsonElement byId = (await SearchAsync(folder, [.. corpus, "--query-id", "doc-1"])).GetProperty("results")[0];
        // b.jsonl has 20 rows and stands first; a.jsonl's second row is doc-1.
        Assert.Equal(byRow.GetRawText(), byId.GetRawText());
        Assert.Equal((21, "doc-1", "text of 1"), (byRow.GetProperty("row").GetInt32(), byRow.GetProperty("id").GetString(), byRow.GetProperty("text").GetString()));
        Assert.DoesNotContain(21, RowsOf(byRow));
        foreach (JsonElement n in byRow.GetProperty("neighbours").EnumerateArray())
        {
            int row = n.GetProperty("row").GetInt32(), document = row < 20 ? row + 10 : row - 20;
            Assert.Equal(($"doc-{document}", $"text of {document}"), (n.GetProperty("id").GetString(), n.GetProperty("text").GetString()));
            Assert.Equal(document % 3 == 0 ? null : $"class {document % 3}", n.TryGetProperty("label", out JsonElement label) ? label.GetString() : null);
            Assert.False(n.TryGetProperty("file", out _) || n.TryGetProperty("sourceRow", out _));
        }
    }

    [Fact]
    public async Task Search_CodesFileWithIds_FindsThemByIt()
    {
        using var folder = new TemporaryFolder();
        WriteTexts(folder, 30);
        (await Hierembed.RunInAsync(folder.Root, ["encode", trained.Model, "a.jsonl", "--bytes", "8", "--out", "a.codes"])).Expect(0);
        (await Hierembed.RunInAsync(folder.Root, ["encode", trained.Model, "b.jsonl", "--bytes", "8", "--out", "b.codes"])).Expect(0);
        JsonElement result = (await SearchAsync(folder, ["--corpus", "a.codes", "b.codes", "--query-id", "doc-12", "--top", "29"])).GetProperty("results")[0];
        Assert.Equal(12, result.GetProperty("row").GetInt32());
        Assert.Equal(Enumerable.Range(0, 30).Where(row => row != 12), RowsOf(result).Order());
        Assert.All(result.GetProperty("neighbours").EnumerateArray(), n => Assert.Equal($"doc-{n.GetProperty("row").GetInt32()}", n.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Search_WithoutJson_PrintsATableForEachQuery()
    {
        using var folder = new TemporaryFolder();
        WriteTexts(folder, 30);
        Finished found = (await Hierembed.RunInAsync(folder.Root, ["search", trained.Model, "--corpus", "a.jsonl", "--queries", "b.jsonl", "--bytes", "8", "--top", "2"])).Expect(0);
        string[] lines = found.Out.Split('\n');
        Assert.Equal(20, lines.Count(line => line.StartsWith("query ", StringComparison.Ordinal)));
        Assert.Equal("query 3: doc-13  text of 13", lines.Where(line => line.StartsWith("query ", StringComparison.Ordinal)).ElementAt(3));
        Assert.Equal(40, lines.Count(line => System.Text.RegularExpressions.Regex.IsMatch(line, @"^ +\d +-?\d\.\d{4} +-?\d\.\d{4} +doc-\d +text of \d *$")));
    }

    [Theory]
    // What is wrong, what the message must name, and the exit code.
    [InlineData("--corpus a.jsonl --queries wide.npy", "the file has 8 dimensions", 3)]
    [InlineData("--corpus wide.npy --query-row 0", "the file has 8 dimensions", 3)]
    [InlineData("--corpus a.jsonl --queries empty.npy", "empty.npy", 3)]
    [InlineData("--corpus empty.npy --query-row 0", "empty.npy", 3)]
    [InlineData("--corpus a.jsonl --queries zero.npy", "all values are 0", 3)]
    [InlineData("--corpus a.jsonl --queries missing.npy", "no file or folder \"missing.npy\"", 3)]
    [InlineData("--corpus a.jsonl --query-row 10", "There is no row 10", 3)]
    [InlineData("--corpus a.jsonl --query-id nobody", "--query-id is \"nobody\"", 3)]
    [InlineData("--corpus wide.codes --query-row 0", "holds codes of model", 1)]
    [InlineData("--corpus cut.codes --query-row 0", "without a footer", 1)]
    [InlineData("--corpus none.codes --query-row 0", "holds no codes", 3)]
    [InlineData("--corpus good.codes --vectors b.jsonl --query-row 0", "--vectors holds 20 rows, the corpus 10 codes", 3)]
    [InlineData("--corpus good.codes encoder.codes --query-row 0", "codes of different kinds", 2)]
    [InlineData("--corpus good.codes --query-id x", "none of the 10 rows", 3)]
    [InlineData("--corpus a.jsonl --query-row 0 --bytes 1", "--bytes is 1", 2)]
    [InlineData("--corpus a.jsonl --query-row 0 --k 33", "--k is 33", 2)]
    public async Task Search_WhatCannotBeSearched_IsRefusedAndLeavesNothing(string arguments, string said, int exitCode)
    {
        using var folder = new TemporaryFolder();
        WriteTexts(folder, 30);
        SmallRows.WriteNpy(folder.At("wide.npy"), 60, dims: 8);
        SmallRows.WriteNpy(folder.At("zero.npy"), new float[SmallRows.Dims], SmallRows.Dims);
        folder.Write("empty.npy", "");
        await WriteCodesAsync(folder);
        await using Hierembed process = Hierembed.Start(folder.Root, new Dictionary<string, string> { ["HierEmbed__ScratchPath"] = folder.At("scratch") }, ["search", trained.Model, .. arguments.Split(' ')]);
        Finished wrong = (await process.EndAsync()).Expect(exitCode);
        Assert.Contains(said, wrong.Error, StringComparison.Ordinal);
        Assert.True(wrong.Error.Split('\n').Max(line => line.Length) < 300, wrong.Error);
        Assert.Empty(wrong.Out);
        Assert.DoesNotContain(folder.Entries, entry => entry.StartsWith("scratch/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Search_Done_LeavesTheScratchFolderEmpty()
    {
        using var folder = new TemporaryFolder();
        await using Hierembed process = Hierembed.Start(folder.Root, new Dictionary<string, string> { ["HierEmbed__ScratchPath"] = folder.At("scratch") },
            "search", trained.Model, "--corpus", trained.Vectors, "--query-row", "1", "--bytes", "8");
        (await process.EndAsync()).Expect(0);
        Assert.Equal(["scratch"], folder.Entries);
    }

    /// <summary>However the process ends, nothing is left: but on Windows, files have no names while they are in use.</summary>
    [Fact]
    public void Create_ScratchFile_HasNoNameWhileItIsUsed()
    {
        using var folder = new TemporaryFolder();
        using var labels = new ScratchLabels(folder.At("scratch"));
        labels.Add([default, new RowLabels("a", "b", "c"), new RowLabels(null, Label: "d"), new RowLabels("e")]);
        Assert.Equal(OperatingSystem.IsWindows(), Directory.EnumerateFiles(folder.At("scratch")).Any());
        Assert.Equal([default, new RowLabels("a", "b", "c"), new RowLabels(null, Label: "d"), new RowLabels("e"), default], Enumerable.Range(0, 5).Select(labels.Of));
    }

    private static IEnumerable<int> RowsOf(JsonElement result) => result.GetProperty("neighbours").EnumerateArray().Select(n => n.GetProperty("row").GetInt32());

    private async Task<JsonElement> SearchAsync(TemporaryFolder folder, params IEnumerable<string> arguments) =>
        JsonDocument.Parse((await Hierembed.RunInAsync(folder.Root, ["search", trained.Model, .. arguments, "--json"])).Expect(0).Out).RootElement;

    /// <summary>Rows with ids and texts: 10 in <c>a.jsonl</c>, the others in <c>b.jsonl</c>.</summary>
    private static void WriteTexts(TemporaryFolder folder, int rows)
    {
        string[] lines = [.. SmallRows.Make(rows, seed: 9).Chunk(SmallRows.Dims).Select((row, i) => JsonSerializer.Serialize(new { id = $"doc-{i}", text = $"text of {i}", label = i % 3 == 0 ? null : $"class {i % 3}", embedding = row }))];
        folder.Write("a.jsonl", string.Join('\n', lines[..10]));
        folder.Write("b.jsonl", string.Join('\n', lines[10..]));
    }

    private async Task WriteCodesAsync(TemporaryFolder folder)
    {
        (await Hierembed.RunInAsync(folder.Root, ["encode", trained.Model, "a.jsonl", "--bytes", "8", "--out", "good.codes"])).Expect(0);
        (await Hierembed.RunInAsync(folder.Root, ["encode", trained.Model, "a.jsonl", "--bytes", "8", "--coding", "encoder", "--out", "encoder.codes"])).Expect(0);
        byte[] good = await File.ReadAllBytesAsync(folder.At("good.codes"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder.At("cut.codes"), good[..^20], TestContext.Current.CancellationToken);
        var format = new PackedCodeFormat(32, 2, new ValueGrid([0.5f, 1]), 16);
        string modelId;
        using (CodeFile file = CodeFile.Open(folder.At("good.codes")))
            modelId = file.ModelId;
        WriteEmpty(folder.At("none.codes"), modelId, format);
        WriteEmpty(folder.At("wide.codes"), "other-model", format);
    }

    private static void WriteEmpty(string path, string modelId, PackedCodeFormat format)
    {
        using FileStream target = File.Create(path);
        using var writer = new CodeFileWriter(target, modelId, CodeCoding.Pursuit, format);
        writer.Complete();
    }
}
