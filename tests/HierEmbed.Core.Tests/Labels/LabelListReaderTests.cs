using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Labels;

public sealed class LabelListReaderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("labels.jsonl", "{\"id\":\"a\",\"label\":\"x\"}\n{\"_id\":2,\"title\":\"t\",\"other\":{}}\n\n\"y\"\n3.50\nnull\n", "a||x;2|t|;||y;||3.50;||")]
    [InlineData("labels.ndjson", "\ufeff{\"label\":[\"x\",1,null]}", "||x, 1")]
    [InlineData("labels.json", "[{\"id\":\"a\",\"text\":\"w\",\"title\":\"t\"}, \"y\", {\"label\":\"\"}]", "a|w|;||y;||")]
    [InlineData("labels.csv", "label\nx\n\"a, b\"\n", "||x;||a, b")]
    [InlineData("labels.csv", "\ufeffx\r\ny\r\n", "||x;||y")]
    [InlineData("labels.csv", "year,Label,ID\n1999,x,a\n2000,,b\n2001,z\n", "a||x;b||;||z")]
    [InlineData("labels.csv", "label;text\nx;\"one\ntwo\"\n", "|one\ntwo|x")]
    [InlineData("labels.tsv", "title\tlabel\na, b\tx\n", "|a, b|x")]
    [InlineData("labels.TXT", "x\r\n\n y \n\nz", "||x;||;||y;||;||z")]
    [InlineData("labels.txt", "x\n", "||x")]
    [InlineData("labels.json", "[]", "")]
    public async Task Read_AnyForm_GivesItsRowsInOrder(string name, string content, string expected)
    {
        Assert.Equal(expected, string.Join(';', (await ReadAsync(name, content)).Select(row => $"{row.Id}|{row.Text}|{row.Label}")));
    }

    [Theory]
    [InlineData("labels.jsonl", "\"x\"\nspam\n", "malformed-file", "line 2 is")]
    [InlineData("labels.jsonl", "[1,2]\n", "malformed-file", "row 0")]
    [InlineData("labels.json", "{\"label\":\"x\"}", "malformed-file", "JSON list")]
    [InlineData("labels.json", "[\"x\",", "malformed-file", "JSON list")]
    [InlineData("labels.csv", "x,y\nz,w\n", "malformed-file", "names one of them label")]
    [InlineData("labels.parquet", "PAR1", "unknown-format", ".jsonl")]
    public async Task Read_Malformed_SaysWhereAndWhatToDo(string name, string content, string code, string said)
    {
        EmbeddingFileException e = await Assert.ThrowsAsync<EmbeddingFileException>(() => ReadAsync(name, content));
        Assert.Equal(code, e.Type.Code);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 50, 300);
    }

    /// <summary>A line without an end costs no memory.</summary>
    [Fact]
    public async Task Read_LineOfMegabytes_IsCutToALabel()
    {
        RowLabels row = Assert.Single(await ReadAsync("labels.txt", new string('x', 3_000_000)));
        Assert.InRange(row.Label!.Length, RowLabels.MaxLength, RowLabels.MaxLength + 1);
    }

    private static async Task<List<RowLabels>> ReadAsync(string name, string content)
    {
        var rows = new List<RowLabels>();
        await foreach (RowLabels row in LabelListReader.ReadAsync(name, new MemoryStream(Encoding.UTF8.GetBytes(content)), Cancellation))
            rows.Add(row);
        return rows;
    }
}
