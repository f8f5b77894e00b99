using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;
using ParquetSharp;

namespace HierEmbed.Core.Tests.Readers;

public sealed class ParquetReaderTests
{
    [Fact]
    public void Read_WikipediaLayout_KeepsIdsAndTexts()
    {
        ReadFile read = Files.Read("a.parquet", Golden.Bytes("formats/wikipedia.parquet"));
        Assert.Equal(7, read.Info.DeclaredRows);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => new RowLabels($"row-{i}", $"text {i}, \"quoted\"\nand é", null)), read.Labels);
    }

    [Fact]
    public void Read_QuantizedWikipedia_TakesTheBytesThatAreNumbers()
    {
        ReadFile read = Files.Read("a.parquet", Golden.Bytes("formats/int8.parquet"));
        Assert.Equal(("int8", 5), (read.Info.ElementType, read.Info.Dims));
        Assert.Equal([-50, -49, -48, -47, -46], read.Rows[0]);
        Assert.Equal([10, 11, 12, 13, 14], read.Rows[6]);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], read.Labels.Select(labels => labels.Id));
    }

    [Fact]
    public void Read_IntegerLabels_AreTexts() =>
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], Files.Read("a.parquet", Golden.Bytes("formats/float16.parquet")).Labels.Select(labels => labels.Label));

    [Fact]
    public void Read_UnsignedIds_KeepTheirValues()
    {
        var stream = new MemoryStream();
        using (var writer = new ParquetFileWriter(stream, [new Column<ulong>("id"), new Column<float[]>("emb")], leaveOpen: true))
        {
            using RowGroupWriter group = writer.AppendRowGroup();
            using (LogicalColumnWriter<ulong> ids = group.NextColumn().LogicalWriter<ulong>())
                ids.WriteBatch([1, ulong.MaxValue]);
            using (LogicalColumnWriter<float[]> values = group.NextColumn().LogicalWriter<float[]>())
                values.WriteBatch([[1, 2], [3, 4]]);
            writer.Close();
        }
        Assert.Equal(["1", "18446744073709551615"], Files.Read("a.parquet", stream.ToArray()).Labels.Select(labels => labels.Id));
    }

    [Fact]
    public void Read_NullsAndListsOfOtherLengths_AreRejectedByTheirRows()
    {
        byte[] content = Write<float?[]?>("emb", [[1, 2], null, [], [3, null], [5, 6, 7], [float.NegativeInfinity, 1], [8, 9]]);
        ReadFile read = Files.Read("a.parquet", content, Files.Lenient);
        Assert.Equal([[1, 2], [8, 9]], read.Rows);
        Assert.Equal([0, 6], read.Sources);
        Assert.Equal(
            [(1, RejectionReason.WrongLength), (2, RejectionReason.WrongLength), (3, RejectionReason.NotFinite), (4, RejectionReason.WrongLength), (5, RejectionReason.NotFinite)],
            read.Rejections.Listed.Select(rejected => (rejected.Row, rejected.Reason)));
    }

    [Theory]
    [InlineData("emb_ubinary", "packed bits")]
    [InlineData("features", "none is a list of numbers")]
    public void Open_NoColumnOfEmbeddings_SaysSo(string column, string found)
    {
        EmbeddingFileException e = Files.Refused("a.parquet", Write<byte[]>(column, [[1, 2]]));
        Assert.Equal(ProblemTypes.UnsupportedContent, e.Type);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoRows_IsEmpty() => Assert.Equal(ProblemTypes.EmptyFile, Files.Refused("a.parquet", Write<float[]>("emb", [])).Type);

    [Fact]
    public void SkipTo_RowsOfLaterGroups_GoesOnThere()
    {
        for (int row = 0; row <= 7; row++)
        {
            using IEmbeddingReader reader = EmbeddingReaders.Open("a.parquet", Golden.Open("formats/wikipedia.parquet"), ReaderOptions.Default, TestContext.Current.CancellationToken);
            reader.SkipTo(row, TestContext.Current.CancellationToken);
            Assert.Equal(row, reader.NextRow);
            ReadFile read = Files.ReadToEnd(reader, 2);
            Assert.Equal(Enumerable.Range(row, 7 - row).Select(r => (long)r), read.Sources);
            Assert.Equal(Enumerable.Range(row, 7 - row).Select(r => $"row-{r}"), read.Labels.Select(labels => labels.Id));
            Assert.Equal(Enumerable.Range(row, 7 - row).Select(r => r - 3f), read.Rows.Select(values => values[0]));
            Assert.Throws<EmbeddingFileException>(() => reader.SkipTo(8, TestContext.Current.CancellationToken));
        }
    }

    /// <summary>What a store throws is no damage to the file: a run that meets it is superseded or tried again.</summary>
    [Fact]
    public void Read_StreamThatFails_ThrowsWhatItThrew()
    {
        var stream = new FailingStream(Golden.Bytes("formats/wikipedia.parquet"), afterReads: 3);
        Assert.Equal("changed", Assert.Throws<IOException>(() => Files.Read("a.parquet", stream)).Message);
    }

    [Fact]
    public void Read_PageThatDoesNotFitItsChecksum_IsRefused()
    {
        byte[] content = Golden.Bytes("formats/wikipedia.parquet");
        int at = content.AsSpan().IndexOf("row-0"u8);
        content[at] = (byte)'s';
        Assert.Equal(ProblemTypes.MalformedFile, Files.Refused("a.parquet", content).Type);
    }

    /// <summary>Runs of one value take no room: a few kilobytes declare a hundred million values.</summary>
    [Fact]
    public void Open_RunsWithoutEnd_AreRefused()
    {
        float[] row = new float[1000];
        byte[] content = Write("emb", Enumerable.Repeat(row, 20_000).ToArray());
        Assert.InRange(content.Length, 0, 20_000);
        Assert.Equal(ProblemTypes.UnsupportedContent, Files.Refused("a.parquet", content).Type);
    }

    private static byte[] Write<T>(string column, T[] rows)
    {
        var stream = new MemoryStream();
        using (var writer = new ParquetFileWriter(stream, [new Column<T>(column)], leaveOpen: true))
        {
            using RowGroupWriter group = writer.AppendRowGroup();
            using LogicalColumnWriter<T> values = group.NextColumn().LogicalWriter<T>();
            values.WriteBatch(rows);
            values.Dispose();
            writer.Close();
        }
        return stream.ToArray();
    }

    private sealed class FailingStream(byte[] content, int afterReads) : MemoryStream(content)
    {
        private int reads;

        public override int Read(Span<byte> buffer) => reads++ < afterReads ? base.Read(buffer) : throw new IOException("changed");
        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }
}
