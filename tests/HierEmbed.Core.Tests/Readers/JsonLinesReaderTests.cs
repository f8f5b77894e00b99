using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class JsonLinesReaderTests
{
    [Theory]
    [InlineData("[1, -2.5, 3e-1]")]
    [InlineData("{\"emb\": [1, -2.5, 0.3]}")]
    [InlineData("{\"id\": \"a\", \"embedding\": [1, -2.5, 0.3], \"more\": {\"x\": [1, [2]]}}")]
    [InlineData("{\"embeddings\": [1, -2.5, 0.3]}")]
    [InlineData("{\"embeddings\": [[1, -2.5, 0.3]]}")]
    [InlineData("{\"embeddings\": {\"float\": [1, -2.5, 0.3], \"int8\": [7, 8, 9]}}")]
    [InlineData("{\"embeddings\": {\"int8\": [7, 8, 9], \"float\": [[1, -2.5, 0.3]]}}")]
    [InlineData("{\"vector\": [1, -2.5, 0.3]}")]
    [InlineData("{\"values\": \"metadata\", \"vector\": [1, -2.5, 0.3]}")]
    [InlineData("{\"embedding\": null, \"values\": [1, -2.5, 0.3]}")]
    [InlineData("\r\n  \n[1,-2.5,0.3]\r\n\r\n")]
    [InlineData("\uFEFF[1,-2.5,0.3]")]
    public void Read_EveryShapeOfARow_IsTheSameRow(string line)
    {
        ReadFile read = Files.Read("a.jsonl", line);
        Assert.Equal([1, -2.5f, 0.3f], Assert.Single(read.Rows));
        Assert.Equal(("jsonl", 3, "float"), (read.Info.Format, read.Info.Dims, read.Info.ElementType));
        Assert.Equal([1, -2.5f, 0.3f], Assert.Single(Files.Read("a.ndjson", new DribbleStream(Encoding.UTF8.GetBytes(line))).Rows));
    }

    [Theory]
    [InlineData("a.jsonl", "[]\n[1, 2]\n[3, 4]")]
    [InlineData("a.json", "[[], [1, 2], [3, 4]]")]
    [InlineData("a.json", "{\"embeddings\": [[], [1, 2], [3, 4]]}")]
    public void Read_EmptyRowBeforeAnyOther_IsRejectedAndTellsNoDims(string name, string content)
    {
        foreach (bool zeroRows in (bool[])[false, true])
        {
            using IEmbeddingReader reader = EmbeddingReaders.Open(name, new MemoryStream(Encoding.UTF8.GetBytes(content)), new ReaderOptions { MaxRejectedFraction = null, RejectZeroRows = zeroRows }, TestContext.Current.CancellationToken);
            Assert.Equal(2, reader.Info.Dims);
            var batch = new EmbeddingBatch(8, 2);
            Assert.True(reader.Read(batch, TestContext.Current.CancellationToken));
            Assert.Equal(2, batch.Count);
            RejectedRow rejected = Assert.Single(reader.Rejections.Listed);
            Assert.Equal((0, RejectionReason.WrongLength), (rejected.Row, rejected.Reason));
        }
    }

    /// <summary>Far below the limit on rejected rows, and yet refused: what else was cut off, nobody knows.</summary>
    [Fact]
    public void Read_CutInsideTheLastLine_IsTruncated()
    {
        string whole = string.Concat(Enumerable.Range(0, 300).Select(i => $"[{i}, 1.5]\n"));
        Assert.Equal(300, Files.Read("a.jsonl", whole).Rows.Count);
        Assert.Equal(300, Files.Read("a.jsonl", whole[..^1]).Rows.Count);
        var e = Assert.Throws<EmbeddingFileException>(() => Files.Read("a.jsonl", whole[..^3]));
        Assert.Equal("truncated-file", e.Type.Code);
        Assert.Contains("299", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Int8AlonePerRow_IsReadAsFloats()
    {
        ReadFile read = Files.Read("a.jsonl", "{\"embeddings\": {\"int8\": [-128, 127], \"binary\": [1]}}\n{\"embeddings\": {\"int8\": [[1, 2]]}}");
        Assert.Equal([[-128, 127], [1, 2]], read.Rows);
        Assert.Equal("int8", read.Info.ElementType);
    }

    [Theory]
    [InlineData("{\"embeddings\": {\"uint8\": [0, 255]}}", "uint8", 0, 255)]
    [InlineData("{\"embeddings\": {\"uint8\": [7, 7], \"int8\": [-128, 127], \"binary\": [1]}}", "int8", -128, 127)]
    [InlineData("{\"embeddings\": {\"base64\": \"AACAPwAAAMA=\", \"int8\": [3, 4]}}", "base64", 1, -2)]
    [InlineData("{\"embeddings\": {\"int8\": [3, 4], \"base64\": [\"AACAPwAAAMA=\"]}}", "base64", 1, -2)]
    [InlineData("{\"embeddings\": {\"base64\": \"AACAPwAAAMA\\u003d\"}}", "base64", 1, -2)]
    [InlineData("{\"embedding\": {\"float\": [[5, 6]], \"base64\": \"AACAPwAAAMA=\"}}", "float", 5, 6)]
    public void Read_SeveralTypesInARow_TakesTheBest(string line, string type, float first, float second)
    {
        ReadFile read = Files.Read("a.jsonl", line);
        Assert.Equal([first, second], Assert.Single(read.Rows));
        Assert.Equal(type, read.Info.ElementType);
    }

    [Theory]
    [InlineData("{\"text\": \"t\", \"embeddings\": {\"binary\": [1, 2], \"ubinary\": [1, 2]}}\n")]
    [InlineData("{\"embeddings\": {\"float\": [1, 2]}}\n{\"embeddings\": {\"ubinary\": [1]}}\n")]
    public void Read_PackedBits_AreRefusedWithTheReason(string content)
    {
        EmbeddingFileException e = Files.Refused("a.jsonl", content);
        Assert.Equal(ProblemTypes.UnsupportedContent, e.Type);
        Assert.Contains("packed bits", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RowsThatNameTheirModel_TellItAndAreOfOne()
    {
        const string row = "{\"model\": \"m\", \"input_type\": \"search_query\", \"embeddings\": {\"float\": [1, 2]}}\n";
        ReadFile read = Files.Read("a.jsonl", row + row);
        Assert.Equal(("m", "search_query"), (read.Info.ParentModel, read.Info.InputType));
        EmbeddingFileException e = Files.Refused("a.jsonl", row + row.Replace("\"m\"", "\"n\"", StringComparison.Ordinal));
        Assert.Equal((ProblemTypes.UnsupportedContent, 1L), (e.Type, e.Row!.Value));
        // A field of that name beside plain vectors says nothing about the embedding.
        Assert.Null(Files.Read("a.jsonl", "{\"model\": \"Civic\", \"emb\": [1]}\n{\"model\": \"Golf\", \"emb\": [1]}\n").Info.ParentModel);
    }

    [Theory]
    [InlineData("{\"id\": \"x\", \"text\": \"t\", \"title\": \"n\", \"label\": \"l\", \"emb\": [1]}", "x", "t", "l")]
    [InlineData("{\"_id\": 17, \"emb\": [1], \"title\": \"n\", \"label\": [\"a\", 2]}", "17", "n", "a, 2")]
    [InlineData("{\"emb\": [1], \"id\": {\"a\": 1}, \"text\": null, \"label\": []}", null, null, null)]
    [InlineData("{\"emb\": [1], \"text\": \"\\u00e9 \\\"q\\\"\", \"label\": true}", null, "é \"q\"", "true")]
    [InlineData("[1]", null, null, null)]
    public void Read_Labels_AreKeptTolerantly(string line, string? id, string? text, string? label) =>
        Assert.Equal(new RowLabels(id, text, label), Assert.Single(Files.Read("a.jsonl", line).Labels));

    [Theory]
    [InlineData("[1, NaN]", RejectionReason.NotFinite, "NaN at dimension 1")]
    [InlineData("[-Infinity, 1]", RejectionReason.NotFinite, "-infinity at dimension 0")]
    [InlineData("[1, 1e999]", RejectionReason.NotFinite, "infinity at dimension 1")]
    [InlineData("[1, -1e39]", RejectionReason.NotFinite, "-infinity at dimension 1")]
    [InlineData("[null, 1]", RejectionReason.NotFinite, "NaN at dimension 0")]
    [InlineData("{\"text\": \"NaN \\\" Infinity\", \"emb\": [\"NaN\", NaN]}", RejectionReason.NotFinite, "NaN at dimension 0")]
    [InlineData("[1, 2, 3]", RejectionReason.WrongLength, "3 values; expected 2")]
    [InlineData("[]", RejectionReason.WrongLength, "0 values; expected 2")]
    [InlineData("[0, -0.0]", RejectionReason.ZeroRow, "all values are 0")]
    [InlineData("[1, \"2\"]", RejectionReason.NotNumbers, "a text at dimension 1; expected a number")]
    [InlineData("[1, [2]]", RejectionReason.NotNumbers, "a list at dimension 1; expected a number")]
    [InlineData("[[1, 2], [3, 4]]", RejectionReason.NotNumbers, "several lists; expected one list of numbers")]
    [InlineData("[1, 2] [3, 4]", RejectionReason.NotNumbers, "not JSON")]
    [InlineData("[1, 2", RejectionReason.NotNumbers, "not JSON")]
    [InlineData("garbage", RejectionReason.NotNumbers, "not JSON")]
    [InlineData("7", RejectionReason.NotNumbers, "a number; expected a list of numbers or an object")]
    [InlineData("{\"emb\": 1}", RejectionReason.NotNumbers, "a number; expected a list of numbers")]
    [InlineData("{\"a\": [1, 2]}", RejectionReason.NotNumbers, "no list of numbers; expected one of the keys emb, embedding, embeddings, vector, values")]
    [InlineData("{\"embeddings\": {\"other\": [1, 2]}}", RejectionReason.NotNumbers, "no embeddings of type float, base64, int8 or uint8")]
    [InlineData("{\"embeddings\": {\"base64\": \"AACAPw\"}}", RejectionReason.NotNumbers, "a value that is not the Base64 of float32 values")]
    [InlineData("{\"embeddings\": {\"base64\": \"AACAPwAAAMA=\\n\"}}", RejectionReason.NotNumbers, "a value that is not the Base64 of float32 values")]
    [InlineData("{\"embeddings\": {\"base64\": \"AACAPwA=\"}}", RejectionReason.NotNumbers, "a value that is not the Base64 of float32 values")]
    [InlineData("{\"embeddings\": {\"base64\": [7]}}", RejectionReason.NotNumbers, "a value that is not the Base64 of float32 values")]
    [InlineData("{\"emb\": [1, 2], \"text\": \"\\ud800\"}", RejectionReason.NotNumbers, "a text that is not valid Unicode")]
    public void Read_BadLine_IsRejectedByItsRowNumber(string line, RejectionReason reason, string detail)
    {
        string content = $"[1, 2]\n\n[3, 4]\n{line}\n[5, 6]\n";
        ReadFile read = Files.Read("a.jsonl", content, Files.Lenient with { RejectZeroRows = true });
        Assert.Equal([new RejectedRow(2, reason, detail)], read.Rejections.Listed);
        Assert.Equal([0, 1, 3], read.Sources);
        Assert.Equal(4, read.RowsInFile);

        // A damaged first line must not hide what the file is, nor its dims.
        read = Files.Read("a.jsonl", $"{line}\n[3, 4]\n[5, 6]\n", Files.Lenient with { RejectZeroRows = true });
        if (reason != RejectionReason.WrongLength)
            Assert.Equal([new RejectedRow(0, reason, detail)], read.Rejections.Listed);
    }

    [Fact]
    public void Read_BytesThatAreNotUtf8_CostTheTextNotTheHost()
    {
        byte[] content = [.. "[1, 2]\n{\"emb\": [3, 4], \"text\": \"a"u8, 0xFF, 0xC3, .. "b\"}\n["u8, 0xFF, .. "]\n"u8];
        ReadFile read = Files.Read("a.jsonl", content, Files.Lenient);
        Assert.Equal([[1, 2], [3, 4]], read.Rows);
        Assert.Equal(RejectionReason.NotNumbers, Assert.Single(read.Rejections.Listed).Reason);
    }

    [Fact]
    public void Read_LineLongerThanTheLimit_IsRefusedWithoutReadingItWhole()
    {
        string content = $"[1, 2]\n[{string.Join(",", Enumerable.Repeat("1", 400_000))}]\n";
        EmbeddingFileException e = Files.Refused("a.jsonl", content, new ReaderOptions { MaxTokenBytes = 4096 });
        Assert.Equal((ProblemTypes.MalformedFile, 1L), (e.Type, e.Row!.Value));
    }

    [Fact]
    public void Read_RowLongerThanMaxDims_IsRejected()
    {
        ReadFile read = Files.Read("a.jsonl", "[1, 2]\n[1, 2, 3, 4, 5]\n", Files.Lenient with { MaxDims = 4 });
        Assert.Equal("more than 4 values; expected 2", Assert.Single(read.Rejections.Listed).Detail);
    }

    [Fact]
    public void Read_OnePercentOfTheRows_MayBeRejectedAndNoMore()
    {
        string Lines(int bad) => string.Concat(Enumerable.Range(0, 200).Select(i => i < bad ? "[NaN]\n" : $"[{i}]\n"));
        Assert.Equal(198, Files.Read("a.jsonl", Lines(2)).Rows.Count);
        EmbeddingFileException e = Files.Refused("a.jsonl", Lines(3));
        Assert.Equal(ProblemTypes.TooManyRejectedRows, e.Type);
        Assert.Contains("3 of 200", e.Message, StringComparison.Ordinal);
        Assert.Contains("NaN at dimension 0", e.Message, StringComparison.Ordinal);
    }
}
