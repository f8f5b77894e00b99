using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class EmbeddingReadersTests
{
    [Theory]
    [InlineData("a.npy", "[1, 2]\n[3, 4]\n", "JSON lines")]
    [InlineData("a.NPY", "{\"embeddings\": [[1]]}", "JSON document")]
    [InlineData("a.npy", "id,x,y\n", "separated values")]
    [InlineData("a.npy", "once upon a time\n", "6F 6E 63")]
    [InlineData("a.csv", "once upon a time\nthere was\n", "6F 6E 63")]
    [InlineData("a.json", "once\n\nupon, a time\n", "6F 6E 63")]
    [InlineData("a.csv", "[1, 2]\n[3, 4]\n", "JSON lines")]
    [InlineData("a.fvecs", "1,2\n3,4\n", "separated values")]
    [InlineData("a.json", "[1, 2]\n[3, 4]\n", "JSON lines")]
    [InlineData("a.jsonl", "{\n  \"embeddings\": [[1, 2]]\n}\n", "JSON document")]
    [InlineData("a.jsonl", "id,x,y\n1,2,3\n", "separated values")]
    public void Open_NameThatLies_IsNamed(string name, string content, string found)
    {
        EmbeddingFileException e = Files.Refused(name, content);
        Assert.Equal(ProblemTypes.MisnamedFile, e.Type);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ArrayNamedJsonLines_IsNamed() =>
        Assert.Equal(ProblemTypes.MisnamedFile, Files.Refused("a.jsonl", Golden.Bytes("ramp-f4-le-c.npy")).Type);

    [Theory]
    [InlineData("a.bin", "npy")]
    [InlineData("noextension", "npy")]
    public void Open_ExtensionThatPromisesNothing_GoesByContent(string name, string format) =>
        Assert.Equal(format, Files.Read(name, Golden.Bytes("ramp-f4-le-c.npy")).Info.Format);

    [Theory]
    [InlineData("[1, 2]\n[3, 4]", "jsonl", 2)]
    [InlineData("[[1, 2], [3, 4]]", "json", 2)]
    [InlineData("{\"embeddings\": [[1, 2], [3, 4]]}", "cohere", 2)]
    public void Open_JsonWithoutAName_GoesByContent(string content, string format, int rows)
    {
        ReadFile read = Files.Read("body", content);
        Assert.Equal((format, rows), (read.Info.Format, read.Rows.Count));
    }

    [Theory]
    [InlineData("a.npy", "")]
    [InlineData("a.jsonl", "")]
    [InlineData("a.jsonl", " \n\r\n\t")]
    [InlineData("a.json", "")]
    [InlineData("a", "")]
    public void Open_NoContent_IsEmpty(string name, string content) => Assert.Equal(ProblemTypes.EmptyFile, Files.Refused(name, content).Type);

    [Fact]
    public void Open_NoFormatThatIsRead_ListsThoseThatAre()
    {
        EmbeddingFileException e = Files.Refused("photo.png", [0x89, 0x50, 0x4E, 0x47, 0, 0, 0]);
        Assert.Equal(ProblemTypes.UnknownFormat, e.Type);
        Assert.Contains("89 50 4E 47", e.Message, StringComparison.Ordinal);
        Assert.Contains(".npy", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_StreamNotAtItsBeginning_ReadsFromThere()
    {
        foreach ((string name, byte[] content) in ((string, byte[])[])[("a.npy", Files.Npy([1, 2, 3, 4], 2, 2)), ("a.json", "[[1,2],[3,4]]"u8.ToArray()), ("a.jsonl", "[1,2]\n[3,4]"u8.ToArray())])
        {
            var stream = new MemoryStream([9, 9, 9, .. content]) { Position = 3 };
            Assert.Equal([[1, 2], [3, 4]], Files.Read(name, stream).Rows);
            Assert.False(stream.CanRead);
        }
    }

    public static TheoryData<string, bool> SameRows { get; } = [.. from name in new[] { "c.npy", "f.npy", "a.jsonl", "a.json", "a.fvecs", "a.csv", "a.npz", "a.jsonl.gz" } from seeks in new[] { true, false } where seeks || name != "f.npy" select (name, seeks)];

    [Theory]
    [MemberData(nameof(SameRows))]
    public void SkipTo_EveryRow_GoesOnAsIfNothingHadStopped(string name, bool seeks)
    {
        // Row r is (r, r); rows 0, 1 and 6 are bad.
        string[] lines = [.. Enumerable.Range(0, 12).Select(r => r is 0 or 1 or 6 ? "[NaN, 1]" : $"[{r}, {r}]")];
        float[] values = [.. Enumerable.Range(0, 24).Select(i => i / 2 is 0 or 1 or 6 ? float.NaN : i / 2)];
        byte[] content = name switch
        {
            "c.npy" => Files.Npy(values, 12, 2),
            "f.npy" => [.. Files.Npy([.. values.Where((_, i) => i % 2 == 0), .. values.Where((_, i) => i % 2 == 1)], 12, 2)],
            "a.jsonl" => System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)),
            "a.csv" => System.Text.Encoding.UTF8.GetBytes("x,y\n" + string.Join('\n', lines.Select(line => line.Trim('[', ']')))),
            "a.npz" => NpzFormatTests.Zip(("x.npy", Files.Npy(values, 12, 2))),
            "a.jsonl.gz" => Files.Gzip(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines))),
            "a.fvecs" => [.. values.Chunk(2).SelectMany(row => (byte[])[2, 0, 0, 0, .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(row.AsSpan())])],
            _ => System.Text.Encoding.UTF8.GetBytes($"[{string.Join(',', lines)}]"),
        };
        if (name == "f.npy")
            content = System.Text.Encoding.Latin1.GetBytes(System.Text.Encoding.Latin1.GetString(content).Replace("'fortran_order': False", "'fortran_order': True ", StringComparison.Ordinal));

        for (int row = 0; row <= 12; row++)
        {
            using IEmbeddingReader reader = EmbeddingReaders.Open(name, seeks ? new MemoryStream(content) : new DribbleStream(content), Files.Lenient, TestContext.Current.CancellationToken);
            Assert.Equal(0, reader.NextRow);
            reader.SkipTo(row, TestContext.Current.CancellationToken);
            Assert.Equal(row, reader.NextRow);
            ReadFile read = Files.ReadToEnd(reader, 4);
            Assert.Equal(Enumerable.Range(row, 12 - row).Where(r => r is not (0 or 1 or 6)).Select(r => (long)r), read.Sources);
            Assert.All(read.Rows.Zip(read.Sources), pair => Assert.Equal([pair.Second, pair.Second], pair.First));
            Assert.Equal(new long[] { 0, 1, 6 }.Where(r => r >= row), read.Rejections.Listed.Select(rejected => rejected.Row));
            Assert.Equal(12, reader.NextRow);
            Assert.Throws<ArgumentOutOfRangeException>(() => reader.SkipTo(11, TestContext.Current.CancellationToken));
            Assert.Throws<EmbeddingFileException>(() => reader.SkipTo(13, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void SkipTo_AfterAFullBatch_Works()
    {
        using IEmbeddingReader reader = EmbeddingReaders.Open("a.npy", new MemoryStream(Files.Npy([.. Enumerable.Range(0, 20).Select(i => (float)i)], 10, 2)), ReaderOptions.Default, TestContext.Current.CancellationToken);
        var batch = new EmbeddingBatch(3, 2);
        Assert.True(reader.Read(batch, TestContext.Current.CancellationToken));
        reader.SkipTo(7, TestContext.Current.CancellationToken);
        Assert.True(reader.Read(batch, TestContext.Current.CancellationToken));
        Assert.Equal([7, 8, 9], batch.SourceRows);
        Assert.Equal([14, 15, 16, 17, 18, 19], batch.Values);
    }

    /// <summary>Rows without a number first, or what is unpacked to a temporary file: opening reads on and on.</summary>
    [Theory]
    [InlineData("a.json", "[", "[NaN, 1],", "[1, 2]]")]
    [InlineData("a.jsonl", "", "[NaN, 1]\n", "[1, 2]\n")]
    [InlineData("a.csv", "", "1,NaN,3\n", "1,2,3\n")]
    [InlineData("a.parquet", "PAR1", "0", "PAR1")]
    [InlineData("a.npz", "PK\u0003\u0004", "0", "")]
    public void Open_CancelledOnTheWay_Stops(string name, string start, string repeated, string end)
    {
        byte[] content = System.Text.Encoding.Latin1.GetBytes(start + string.Concat(Enumerable.Repeat(repeated, 4_000_000 / repeated.Length)) + end);
        using var cancelled = new CancellationTokenSource();
        using var stream = new CancellingStream(content, after: 600_000, cancelled);
        Assert.Throws<OperationCanceledException>(() => EmbeddingReaders.Open(name, stream, Files.Lenient, cancelled.Token));
        Assert.InRange(stream.BytesRead, 600_000, 2_000_000);
    }

    [Fact]
    public void Read_Cancelled_Stops()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        foreach ((string name, byte[] content) in ((string, byte[])[])[("a.npy", Files.Npy([1, 2, 3, 4], 2, 2)), ("a.json", "[[1,2],[3,4]]"u8.ToArray()), ("a.jsonl", "[1,2]\n[3,4]"u8.ToArray())])
        {
            using IEmbeddingReader reader = EmbeddingReaders.Open(name, new MemoryStream(content), ReaderOptions.Default, TestContext.Current.CancellationToken);
            Assert.Throws<OperationCanceledException>(() => reader.Read(new EmbeddingBatch(2, 2), cancelled.Token));
        }
    }
}
