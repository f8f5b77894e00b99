using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Evaluation;
using HierEmbed.Core.Labels;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Labels;

public sealed class LabelListReaderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("labels.jsonl", "{\"id\":\"a\",\"label\":\"x\"}\n{\"_id\":2,\"title\":\"t\",\"other\":{}}\n\n\"y\"\n3.50\nnull\n", "a||x;2|t|;||y;||3.50;||")]
    [InlineData("labels.ndjson", "\ufeff{\"label\":[\"x\",1,null]}\n{\"label\":[]}\n{\"text\":[\"u\",\"v\"]}", "||[\"x\",\"1\"];||;|u, v|")]
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

    [Theory]
    [InlineData("{\"label\":\"\\ud800\"}")]
    [InlineData("{\"\\udc00\":1}")]
    [InlineData("\"\\udc00x\"")]
    [InlineData("{\"label\":[\"a\",\"\\ud800\"]}")]
    [InlineData("{\"id\":\"\u00ff\"}")]
    public async Task Read_TextIsNotUnicode_SaysWhichRow(string line)
    {
        // In Latin-1 the last is a byte that UTF-8 has not; the others are ASCII.
        byte[] content = Encoding.Latin1.GetBytes($"\"x\"\n{line}\n");
        EmbeddingFileException e = await Assert.ThrowsAsync<EmbeddingFileException>(() => ReadAsync("labels.jsonl", new MemoryStream(content)));
        Assert.Equal(ProblemTypes.MalformedFile, e.Type);
        Assert.Contains("row 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("not valid Unicode", e.Message, StringComparison.Ordinal);
    }

    /// <summary>A value of gigabytes is not held whole: the reading ends soon after the limit.</summary>
    [Theory]
    [InlineData("labels.jsonl", "\"x\"\n{\"label\":\"")]
    [InlineData("labels.json", "[\"x\",{\"label\":\"")]
    public async Task Read_JsonRowWithoutEnd_IsRefusedAtTheLimit(string name, string begin)
    {
        using var endless = new EndlessStream(Encoding.UTF8.GetBytes(begin));
        EmbeddingFileException e = await Assert.ThrowsAsync<EmbeddingFileException>(() => ReadAsync(name, endless));
        Assert.Contains("row 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("does not end within 16777216 bytes", e.Message, StringComparison.Ordinal);
        Assert.InRange(endless.Given, 16 << 20, 40 << 20);
    }

    [Fact]
    public async Task Read_RowsOfMegabytes_AreRead()
    {
        string row = $"{{\"label\":\"x\",\"other\":\"{new string('o', 4_000_000)}\"}}\n";
        string small = string.Concat(Enumerable.Repeat("\"y\"\n", 1_000_000));
        List<RowLabels> rows = await ReadAsync("labels.jsonl", row + small + row + row);
        Assert.Equal(1_000_003, rows.Count);
        Assert.Equal("x", rows[^1].Label);
    }

    [Fact]
    public async Task Read_ListOfLabels_NamesSeveralClasses()
    {
        List<RowLabels> rows = await ReadAsync("labels.jsonl", "{\"label\":[\"a\",\"b\"]}\n{\"label\":\"a\"}\n{\"label\":[\"c\",\"a\"]}\n");
        Assert.Equal(["a"], new RowClasses(rows.Select(row => row.Label)).Names);
    }

    /// <summary>A line without an end costs no memory.</summary>
    [Fact]
    public async Task Read_LineOfMegabytes_IsCutToALabel()
    {
        RowLabels row = Assert.Single(await ReadAsync("labels.txt", new string('x', 3_000_000)));
        Assert.InRange(row.Label!.Length, RowLabels.MaxLength, RowLabels.MaxLength + 1);
    }

    private static Task<List<RowLabels>> ReadAsync(string name, string content) => ReadAsync(name, new MemoryStream(Encoding.UTF8.GetBytes(content)));

    private static async Task<List<RowLabels>> ReadAsync(string name, Stream content)
    {
        var rows = new List<RowLabels>();
        await foreach (RowLabels row in LabelListReader.ReadAsync(name, content, Cancellation))
            rows.Add(row);
        return rows;
    }

    /// <summary>Some bytes, then the letter x a gigabyte long.</summary>
    private sealed class EndlessStream(byte[] begin) : ForwardStream(Null)
    {
        private const long Length1G = 1L << 30;

        public long Given { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, Length1G - Given);
            buffer[..count].Fill((byte)'x');
            if (Given == 0)
            {
                begin.CopyTo(buffer);
                count = begin.Length;
            }
            Given += count;
            return count;
        }
    }
}
