using System.Buffers.Binary;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class VecsReaderTests
{
    [Fact]
    public void Read_BytesThatFaissReads_AreRows()
    {
        ReadFile read = Files.Read("a.bvecs", Golden.Bytes("formats/whole.bvecs"));
        Assert.Equal(Enumerable.Range(0, 7).Select(r => Enumerable.Range(0, 5).Select(d => (float)((r * 10) + d)).ToArray()), read.Rows);
        Assert.Equal(("bvecs", "uint8", 5, 7L), (read.Info.Format, read.Info.ElementType, read.Info.Dims, read.Info.DeclaredRows!.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_RowOfAnotherLength_IsRefusedByItsNumber(bool seeks)
    {
        byte[] content = Golden.Bytes("formats/ramp.fvecs");
        content[3 * 24] = 6;
        var e = Assert.Throws<EmbeddingFileException>(() => Files.Read("a.fvecs", seeks ? new MemoryStream(content) : new DribbleStream(content)));
        Assert.Equal((ProblemTypes.MalformedFile, 3L), (e.Type, e.Row!.Value));
    }

    [Fact]
    public void Read_ValueThatIsNoNumber_IsRejected()
    {
        byte[] content = Golden.Bytes("formats/ramp.fvecs");
        BinaryPrimitives.WriteSingleLittleEndian(content.AsSpan(24 + 4), float.NaN);
        ReadFile read = Files.Read("a.fvecs", content, Files.Lenient);
        Assert.Equal([0, 2, 3, 4, 5, 6], read.Sources);
        Assert.Equal(new RejectedRow(1, RejectionReason.NotFinite, "NaN at dimension 0"), Assert.Single(read.Rejections.Listed));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_CutInsideARow_IsTruncated(bool seeks)
    {
        byte[] content = Golden.Bytes("formats/ramp.fvecs")[..^1];
        var e = Assert.Throws<EmbeddingFileException>(() => Files.Read("a.fvecs", seeks ? new MemoryStream(content) : new DribbleStream(content)));
        Assert.Equal(ProblemTypes.TruncatedFile, e.Type);
    }

    [Fact]
    public void Open_LengthThatNoEmbeddingHas_IsRefused() =>
        Assert.Equal(ProblemTypes.MisnamedFile, Files.Refused("a.fvecs", [0xFF, 0xFF, 0xFF, 0x7F, 0, 0, 0, 0]).Type);

    [Fact]
    public void Open_NeighboursOfABenchmarkSet_AreNoEmbeddings() =>
        Assert.Equal(ProblemTypes.UnsupportedContent, Files.Refused("truth.ivecs", Golden.Bytes("formats/ramp.fvecs")).Type);
}
