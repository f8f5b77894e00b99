using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class NpzFormatTests
{
    private static readonly byte[] Two = Files.Npy([1, 2, 3, 4], 2, 2);

    [Theory]
    [InlineData("x.npy", "ids.npy")]
    [InlineData("embeddings.npy", "other.npy")]
    [InlineData("group/x.npy", "notes.txt")]
    public void Read_OneArrayThatCanBeMeant_IsRead(string first, string second)
    {
        byte[] other = second == "ids.npy" ? Files.Npy([1, 2], 2) : Two;
        Assert.Equal([[1, 2], [3, 4]], Files.Read("a.npz", Zip((first, Two), (second, other))).Rows);
    }

    [Theory]
    [InlineData("a.npy", "b.npy", "several have")]
    [InlineData("data.npy", "vectors.npy", "several have")]
    [InlineData("indptr.npy", "data.npy", "sparse matrix")]
    [InlineData("a.txt", "b.txt", "no NumPy array")]
    public void Open_NotOneArrayThatCanBeMeant_IsRefused(string first, string second, string reason)
    {
        EmbeddingFileException e = Files.Refused("a.npz", Zip((first, Two), (second, Two)));
        Assert.Equal(ProblemTypes.UnsupportedContent, e.Type);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../embeddings.npy")]
    [InlineData("/embeddings.npy")]
    [InlineData("a\\embeddings.npy")]
    [InlineData("C:embeddings.npy")]
    [InlineData("a/./embeddings.npy")]
    public void Open_PathForAName_IsRefused(string name) => Assert.Equal(ProblemTypes.MalformedFile, Files.Refused("a.npz", Zip((name, Two))).Type);

    [Fact]
    public void Open_TwoMembersOfOneName_IsRefused() =>
        Assert.Contains("two members", Files.Refused("a.npz", Zip(("x.npy", Two), ("x.npy", Two))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Read_ContentThatDoesNotFitItsChecksum_IsRefused(CompressionLevel level)
    {
        byte[] content = Zip(level, ("x.npy", Two));
        content[FindDirectory(content) + 16] ^= 1;
        Assert.Contains("checksum", Files.Refused("a.npz", content).Message, StringComparison.Ordinal);
    }

    /// <summary>The member's length is what the header of its array needs; the checksum of what is there fits.</summary>
    [Theory]
    [InlineData(24, -4)]
    [InlineData(24, 4)]
    [InlineData(20, -6)]
    public void Read_LengthThatLies_IsRefused(int field, int by)
    {
        byte[] content = Zip(("x.npy", Two));
        Span<byte> at = content.AsSpan(FindDirectory(content) + field);
        BinaryPrimitives.WriteInt32LittleEndian(at, BinaryPrimitives.ReadInt32LittleEndian(at) + by);
        Files.Refused("a.npz", content);
    }

    [Fact]
    public void Read_LengthBeyondWhatDeflateCanDo_IsRefusedUnread()
    {
        byte[] content = Zip(("x.npy", Two));
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(FindDirectory(content) + 24), 3_000_000_000);
        Assert.Contains("cannot be", Files.Refused("a.npz", content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MillionMembersDeclared_IsRefusedUnread()
    {
        byte[] content = Zip(("x.npy", Two));
        BinaryPrimitives.WriteUInt16LittleEndian(content.AsSpan(content.Length - 12), 50_000);
        Assert.Equal(ProblemTypes.UnsupportedContent, Files.Refused("a.npz", content).Type);
    }

    [Fact]
    public void Read_Zip64_IsRead()
    {
        // NumPy writes this for arrays from 4 GB on; here the fields are widened by hand.
        byte[] content = Zip(("x.npy", Two));
        int directory = FindDirectory(content);
        byte[] entry = content[directory..^22];
        uint packed = BinaryPrimitives.ReadUInt32LittleEndian(entry.AsSpan(20)), bytes = BinaryPrimitives.ReadUInt32LittleEndian(entry.AsSpan(24));
        entry.AsSpan(20, 8).Fill(0xFF);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(30), 20);
        byte[] wide = [.. entry, 1, 0, 16, 0, .. BitConverter.GetBytes((ulong)bytes), .. BitConverter.GetBytes((ulong)packed)];
        byte[] end64 = [.. "PK\x06\x06"u8, .. BitConverter.GetBytes(44L), 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(1L), .. BitConverter.GetBytes(1L), .. BitConverter.GetBytes((long)wide.Length), .. BitConverter.GetBytes((long)directory)];
        byte[] locator = [.. "PK\x06\x07"u8, 0, 0, 0, 0, .. BitConverter.GetBytes((long)directory + wide.Length), 1, 0, 0, 0];
        byte[] end = content[^22..];
        end.AsSpan(8, 12).Fill(0xFF);
        Assert.Equal([[1, 2], [3, 4]], Files.Read("a.npz", [.. content[..directory], .. wide, .. end64, .. locator, .. end]).Rows);
    }

    [Fact]
    public void Read_RowsOfZerosThatShrinkAThousandfold_HoldOneBatch()
    {
        byte[] content = Zip(("x.npy", Files.Npy(new float[8_000_000], 1_000_000, 8)));
        Assert.True(content.Length < 100_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using IEmbeddingReader reader = EmbeddingReaders.Open("a.npz", new MemoryStream(content), ReaderOptions.Default, TestContext.Current.CancellationToken);
        var batch = new EmbeddingBatch(1000, 8);
        long rows = 0;
        while (reader.Read(batch, TestContext.Current.CancellationToken))
            rows += batch.Count;
        Assert.Equal(1_000_000, rows);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3_000_000);
    }

    internal static byte[] Zip(params (string Name, byte[] Content)[] members) => Zip(CompressionLevel.Optimal, members);

    private static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] members)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in members)
            {
                using Stream member = archive.CreateEntry(name, level).Open();
                member.Write(content);
            }
        }
        return stream.ToArray();
    }

    private static int FindDirectory(byte[] zip) => Encoding.Latin1.GetString(zip).IndexOf("PK\x01\x02", StringComparison.Ordinal);
}
