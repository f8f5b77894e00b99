using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class JsonDocumentReaderTests
{
    private const string V1 = """
        {"id": "0a", "texts": ["foo bar", "bar foo"], "embeddings": [[0.5, -0.25], [1, 2]],
         "meta": {"api_version": {"version": "1"}, "billed_units": {"input_tokens": 4}}, "response_type": "embeddings_floats"}
        """;

    private const string V2 = """
        {"id": "0a", "embeddings": {"int8": [[64, -32], [127, -128]], "binary": [[1], [2]], "float": [[0.5, -0.25], [1, 2]]},
         "texts": ["foo bar", "bar foo"], "meta": {"api_version": {"version": "2"}}, "response_type": "embeddings_by_type"}
        """;

    private const string Recorded = """
        {"request": {"texts": ["x", "y"], "model": "embed-english-light-v3.0", "input_type": "search_document", "embedding_types": ["int8"], "truncate": null},
         "response": {"id": "0a", "texts": ["foo bar", "bar foo"], "embeddings": {"int8": [[-21, 18], [127, -128]]}, "response_type": "embeddings_by_type"}}
        """;

    [Theory]
    [InlineData(V1)]
    [InlineData(V2)]
    public void Read_CohereResponse_KeepsRowsAndTexts(string json)
    {
        foreach (Stream stream in new Stream[] { new MemoryStream(Encoding.UTF8.GetBytes(json)), new DribbleStream(Encoding.UTF8.GetBytes(json)) })
        {
            ReadFile read = Files.Read("response.json", stream, batchRows: 1);
            Assert.Equal([[0.5f, -0.25f], [1, 2]], read.Rows);
            Assert.Equal(["foo bar", "bar foo"], read.Labels.Select(labels => labels.Text));
            Assert.All(read.Labels, labels => Assert.Null(labels.Id));
            Assert.Equal(("cohere", "float", 2), (read.Info.Format, read.Info.ElementType, read.Info.Dims));
        }
    }

    [Fact]
    public void Read_RecordedRequestAndResponse_NamesModelAndInputType()
    {
        ReadFile read = Files.Read("recorded.json", Recorded);
        Assert.Equal([[-21, 18], [127, -128]], read.Rows);
        Assert.Equal("foo bar", read.Labels[0].Text);
        Assert.Equal(new EmbeddingFileInfo("recorded.json", "cohere", "int8", 2, null, "embed-english-light-v3.0", "search_document"), read.Info);
    }

    [Theory]
    [InlineData("[[0.5, -0.25], [1, 2]]")]
    [InlineData("\uFEFF \n [ [0.5,-0.25]\n,\n[1,2]\n]\n ")]
    [InlineData("[{\"embedding\": [0.5, -0.25]}, {\"vector\": [1, 2], \"id\": 3}]")]
    [InlineData("{\"values\": [[0.5, -0.25], [1, 2]]}")]
    [InlineData("{\"model\": \"m\", \"embeddings\": [\n  [\n    0.5,\n    -0.25\n  ],\n  [\n    1,\n    2\n  ]\n]}")]
    public void Read_ListsAndObjects_AreRows(string json) => Assert.Equal([[0.5f, -0.25f], [1, 2]], Files.Read("a.json", json).Rows);

    [Fact]
    public void Read_OneEmbedding_IsOneRowWithItsLabels()
    {
        ReadFile read = Files.Read("a.json", "{\"id\": 4, \"embedding\": [1, 2, 3], \"label\": \"l\"}");
        Assert.Equal([1, 2, 3], Assert.Single(read.Rows));
        Assert.Equal(new RowLabels("4", null, "l"), read.Labels[0]);
        Assert.Equal([1, 2, 3], Assert.Single(Files.Read("a.json", "{\"embeddings\": [1, 2, 3]}").Rows));
        Assert.Equal([1, 2, 3], Assert.Single(Files.Read("a.json", "[1, 2, 3]").Rows));
    }

    [Fact]
    public void Read_BadRows_AreRejectedByNumberAndTextsStayAligned()
    {
        const string json = "{\"embeddings\": [[NaN, 1], [1, 2], [1], [\"a\", 2], [3, -Infinity], 7, [5, 6]], \"texts\": [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"]}";
        ReadFile read = Files.Read("a.json", json, Files.Lenient);
        Assert.Equal([[1, 2], [5, 6]], read.Rows);
        Assert.Equal(["b", "g"], read.Labels.Select(labels => labels.Text));
        Assert.Equal(
            [(0, RejectionReason.NotFinite), (2, RejectionReason.WrongLength), (3, RejectionReason.NotNumbers), (4, RejectionReason.NotFinite), (5, RejectionReason.NotNumbers)],
            read.Rejections.Listed.Select(rejected => (rejected.Row, rejected.Reason)));
    }

    [Theory]
    [InlineData("{\"embeddings\": {\"binary\": [[9]], \"uint8\": [[0, 255]]}}", "uint8", 0, 255)]
    [InlineData("{\"embeddings\": {\"uint8\": [[0, 255]], \"int8\": [[-128, 127]]}}", "int8", -128, 127)]
    [InlineData("{\"embeddings\": {\"int8\": [[3, 4]], \"base64\": [\"AACAPwAAAMA=\"]}}", "base64", 1, -2)]
    [InlineData("{\"embeddings\": {\"base64\": [\"AACAPwAAAMA=\"], \"float\": [[5, 6]]}}", "float", 5, 6)]
    public void Read_SeveralTypesInADocument_TakesTheBest(string json, string type, float first, float second)
    {
        ReadFile read = Files.Read("a.json", json);
        Assert.Equal([first, second], Assert.Single(read.Rows));
        Assert.Equal(type, read.Info.ElementType);
    }

    [Theory]
    [InlineData("{\"embeddings\": {\"binary\": [[1, 2]], \"ubinary\": [[3]]}}", "unsupported-content", "binary, ubinary")]
    [InlineData("{\"embeddings\": {\"base64\": [\"AAAA\"]}}", "too-many-rejected-rows", "Base64")]
    [InlineData("{\"message\": \"invalid api token\"}", "unknown-format", "no embeddings")]
    [InlineData("{\"embeddings\": []}", "empty-file", "no rows")]
    [InlineData("{\"embeddings\": [[1, 2], [3, 4", "truncated-file", "ends in the middle")]
    [InlineData("{\"embeddings\": [[1, 2]], \"meta\": x}", "malformed-file", "not JSON")]
    [InlineData("[[1, 2]] trailing", "malformed-file", "not JSON")]
    public void Open_DocumentWithoutRows_SaysWhy(string json, string code, string found)
    {
        EmbeddingFileException e = Files.Refused("a.json", json);
        Assert.Equal(code, e.Type.Code);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SecondValueFarBehindTheFirst_IsToldToBeJsonLines()
    {
        string line = $"[{string.Join(", ", Enumerable.Repeat("0.125", 30_000))}]\n";
        EmbeddingFileException e = Files.Refused("a.json", line + line);
        Assert.Equal(ProblemTypes.MisnamedFile, e.Type);
        Assert.Contains(".jsonl", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DeepNesting_IsRefused() =>
        Assert.Equal(ProblemTypes.MalformedFile, Files.Refused("a.json", new string('[', 100_000)).Type);

    [Fact]
    public void Read_LargeDocument_EqualsWhatWasWritten()
    {
        var random = new Random(5);
        float[][] rows = [.. Enumerable.Range(0, 2000).Select(_ => Enumerable.Range(0, 48).Select(_ => random.NextSingle() - 0.5f).ToArray())];
        string json = System.Text.Json.JsonSerializer.Serialize(new { embeddings = rows });
        Assert.True(json.Length > 600_000);
        Assert.Equal(rows, Files.Read("large.json", json, batchRows: 300).Rows);
    }

    [Fact]
    public void Read_LargeDocumentWithBadRowsAndTextsBehind_KeepsEveryRowInItsPlace()
    {
        const int rows = 20_000;
        var json = new StringBuilder("{\"meta\": {\"skip\": [[[1, 2], {\"a\": [3]}]]}, \"embeddings\": {\"int8\": [[1], [NaN]], \"float\": [");
        for (int row = 0; row < rows; row++)
            json.Append(row == 0 ? "" : ",\n").Append(row % 200 == 7 ? "[NaN, -Infinity]" : FormattableString.Invariant($"[{row}.25, -{row}]"));
        json.Append("]}, \"texts\": [").AppendJoin(", ", Enumerable.Range(0, rows).Select(row => $"\"t{row}\"")).Append("]}");
        foreach (Stream stream in new Stream[] { new MemoryStream(Encoding.UTF8.GetBytes(json.ToString())), new DribbleStream(Encoding.UTF8.GetBytes(json.ToString()), 5000) })
        {
            ReadFile read = Files.Read("large.json", stream, batchRows: 512);
            Assert.Equal(rows, read.RowsInFile);
            Assert.Equal(rows / 200, read.Rejections.CountOf(RejectionReason.NotFinite));
            for (int i = 0; i < read.Rows.Count; i++)
            {
                long row = read.Sources[i];
                Assert.Equal([row + 0.25f, -row], read.Rows[i]);
                Assert.Equal($"t{row}", read.Labels[i].Text);
            }
        }
    }
}
