using System.IO.Compression;
using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class CompressedFileTests
{
    [Theory]
    [InlineData("a.jsonl.gz", "frames.jsonl.zst", "zstd")]
    [InlineData("a.jsonl.zst", "records.jsonl.gz", "gzip")]
    [InlineData("a.jsonl", "records.jsonl.gz", "gzip")]
    [InlineData("a.jsonl.gz", "records.jsonl", "not compressed")]
    [InlineData("a.json.gz", "records.jsonl.gz", "JSON lines")]
    public void Open_NameThatLies_IsNamed(string name, string golden, string found)
    {
        EmbeddingFileException e = Files.Refused(name, Golden.Bytes($"formats/{golden}"));
        Assert.Equal(ProblemTypes.MisnamedFile, e.Type);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("records.jsonl", null)]
    [InlineData("records.jsonl.gz", "gzip")]
    [InlineData("records.jsonl.zst", "zstd")]
    public void Open_CompressedOrNot_SaysSo(string name, string? compression)
    {
        ReadFile read = Files.Read(name, Golden.Bytes($"formats/{name}"));
        Assert.Equal(("jsonl", compression), (read.Info.Format, read.Info.Compression));
    }

    [Theory]
    [InlineData("records.jsonl.gz")]
    [InlineData("records.jsonl.zst")]
    public void Read_CutOffAnywhere_IsRefused(string name)
    {
        byte[] content = Golden.Bytes($"formats/{name}");
        for (int length = 1; length < content.Length; length++)
            Assert.Throws<EmbeddingFileException>(() => Files.Read(name, content[..length]));
    }

    [Theory]
    [InlineData("records.jsonl.gz", 8)]
    [InlineData("records.jsonl.zst", 4)]
    public void Read_ChecksumThatDoesNotFit_IsRefused(string name, int fromEnd)
    {
        byte[] content = Golden.Bytes($"formats/{name}");
        content[^fromEnd] ^= 1;
        Assert.Equal(ProblemTypes.MalformedFile, Files.Refused(name, content).Type);
    }

    [Theory]
    [InlineData("bomb.jsonl.gz")]
    [InlineData("bomb.json.gz")]
    public void Read_Bomb_IsRefusedInBoundedMemory(string name)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write("[1,"u8);
            byte[] spaces = Encoding.ASCII.GetBytes(new string(' ', 1 << 20));
            for (int i = 0; i < 64; i++)
                gzip.Write(spaces);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(ProblemTypes.UnsupportedContent, Files.Refused(name, packed.ToArray(), new ReaderOptions { MaxTokenBytes = 32 << 20 }).Type);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }

    [Theory]
    [InlineData("a.json.gz", "formats/records.json.gz")]
    [InlineData("a.parquet", "formats/wikipedia.parquet")]
    [InlineData("a.npz", "formats/stored.npz")]
    public void Read_MoreThanATemporaryFileMayHold_IsRefused(string name, string golden)
    {
        var e = Assert.Throws<EmbeddingFileException>(() => Files.Read(name, new DribbleStream(Golden.Bytes(golden), 100), new ReaderOptions { MaxSpoolBytes = 500 }));
        Assert.Equal(ProblemTypes.UnsupportedContent, e.Type);
    }

    /// <summary>Not the file's fault, so that a dataset that leaves bad files out does not leave it out.</summary>
    [Fact]
    public void Read_FolderThatTakesNoTemporaryFile_IsTooLittleSpaceThere()
    {
        string folder = Path.Combine(typeof(CompressedFileTests).Assembly.Location, "below-a-file");
        var e = Assert.Throws<DatasetException>(() => Files.Read("a.json.gz", Golden.Bytes("formats/records.json.gz"), new ReaderOptions { SpoolFolder = folder }));
        Assert.Equal(ProblemTypes.TooLittleSpace, e.Type);
        Assert.StartsWith(folder, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_CompressedTwice_IsRefused(bool named)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Golden.Bytes("formats/records.jsonl.gz"));
        Assert.Equal(ProblemTypes.UnknownFormat, Files.Refused(named ? "a.gz" : "a", packed.ToArray()).Type);
    }

    [Fact]
    public void Open_NothingInside_IsEmpty()
    {
        var packed = new MemoryStream();
        new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true).Dispose();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(" \n"u8);
        Assert.Equal(ProblemTypes.EmptyFile, Files.Refused("a.jsonl.gz", packed.ToArray()).Type);
    }
}
