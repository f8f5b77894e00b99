using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Tests.Readers;

public sealed class NpyReaderTests
{
    public static TheoryData<string> Ramps { get; } = [.. from size in new[] { 2, 4, 8 } from bytes in new[] { "le", "be" } from order in new[] { "c", "fortran" } select $"ramp-f{size}-{bytes}-{order}.npy", "ramp-version2.npy", "ramp-version3.npy"];

    [Theory]
    [MemberData(nameof(Ramps))]
    public void Read_NumPyRamp_EqualsNumPy(string file)
    {
        foreach (int batchRows in new[] { 1, 3, 7, 100 })
        {
            ReadFile read = Files.Read(file, Golden.Bytes(file), batchRows: batchRows);
            Assert.Equal((5, 7L, "npy"), (read.Info.Dims, read.Info.DeclaredRows!.Value, read.Info.Format));
            CheckRamp(read);
        }
    }

    [Theory]
    [InlineData("ramp-f2-be-c.npy")]
    [InlineData("ramp-f4-le-c.npy")]
    [InlineData("ramp-f8-le-c.npy")]
    public void Read_StreamThatCannotSeekAndReadsShort_EqualsNumPy(string file) => CheckRamp(Files.Read(file, new DribbleStream(Golden.Bytes(file))));

    [Fact]
    public void Open_FortranOrderWithoutSeeking_SaysWhatToDo()
    {
        var stream = new DribbleStream(Golden.Bytes("ramp-f4-le-fortran.npy"));
        var e = Assert.Throws<EmbeddingFileException>(() => Files.Read("f.npy", stream));
        Assert.Equal(ProblemTypes.UnsupportedContent, e.Type);
        Assert.Contains("ascontiguousarray", e.Message, StringComparison.Ordinal);
        Assert.True(stream.IsDisposed);
    }

    [Fact]
    public void Read_OneDimension_IsOneRow() => Assert.Equal([-2f, -1.875f, -1.75f, -1.625f, -1.5f], Assert.Single(Files.Read("one.npy", Golden.Bytes("one-row.npy")).Rows));

    [Theory]
    [InlineData("rank3.npy", "unsupported-content", "(1, 7, 5)")]
    [InlineData("no-rows.npy", "empty-file", "(0, 5)")]
    [InlineData("int32.npy", "unsupported-content", "'<i4'")]
    [InlineData("structured.npy", "unsupported-content", "structure of fields")]
    [InlineData("objects.npy", "unsupported-content", "can run code")]
    [InlineData("pickle.npy", "unsupported-content", "can run code")]
    public void Open_ArrayThatIsNoMatrixOfFloats_NamesIt(string file, string code, string found)
    {
        EmbeddingFileException e = Files.Refused(file, Golden.Bytes(file));
        Assert.Equal(code, e.Type.Code);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Float64BeyondFloat32_IsRejectedAsInfinity()
    {
        ReadFile read = Files.Read("o.npy", Golden.Bytes("overflow-f8.npy"), Files.Lenient);
        RejectedRow rejected = Assert.Single(read.Rejections.Listed);
        Assert.Equal(new RejectedRow(2, RejectionReason.NotFinite, "infinity at dimension 3"), rejected);
        Assert.Equal([0, 1, 3, 4, 5, 6], read.Sources);
        Assert.Equal(0, read.Rows[2][0]);
    }

    [Fact]
    public void Read_BadRowsBetweenGoodOnes_KeepsTheGoodOnesInOrder()
    {
        float[] values = [1, 2, float.NaN, 3, 0, 0, 4, 5, 6, float.NegativeInfinity, 7, 8, 0, -0f, 9, 10];
        foreach (int batchRows in new[] { 1, 2, 3, 8 })
        {
            ReadFile read = Files.Read("b.npy", Files.Npy(values, 8, 2), Files.Lenient with { RejectZeroRows = true }, batchRows);
            Assert.Equal([0, 3, 5, 7], read.Sources);
            Assert.Equal([[1, 2], [4, 5], [7, 8], [9, 10]], read.Rows);
            Assert.Equal(
                [new(1, RejectionReason.NotFinite, "NaN at dimension 0"), new(2, RejectionReason.ZeroRow, "all values are 0"),
                    new(4, RejectionReason.NotFinite, "-infinity at dimension 1"), new(6, RejectionReason.ZeroRow, "all values are 0")],
                read.Rejections.Listed);
            Assert.Equal(8, read.RowsInFile);
        }
        Assert.Equal(6, Files.Read("b.npy", Files.Npy(values, 8, 2), Files.Lenient).Rows.Count);
        Assert.Equal(ProblemTypes.TooManyRejectedRows, Files.Refused("b.npy", Files.Npy(values, 8, 2)).Type);
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 1024), }", "truncated-file", "4096000000000000 bytes; 16 are there")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 1024), }", "malformed-file", "no file can hold")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 9223372036854775807), }", "unsupported-content", "at most 65536")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2), }", "malformed-file", "a size from 0")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 2), }", "malformed-file", "a size from 0")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", "malformed-file", "8 bytes; 16 are there")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", "truncated-file", "24 bytes; 16 are there")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), 'extra': 1}", "malformed-file", "'extra'")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}", "malformed-file", "there twice")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "malformed-file", "missing")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 2)}", "malformed-file", "True or False")]
    [InlineData("{'descr': __import__('os'), 'fortran_order': False, 'shape': (2, 2)}", "malformed-file", "a quoted string")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2 2)}", "malformed-file", "a comma")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)} x", "malformed-file", "follows the dict")]
    [InlineData("{'descr': '|V8', 'fortran_order': False, 'shape': (2, 2)}", "unsupported-content", "'|V8'")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (2, 2)}", "unsupported-content", "'<c8'")]
    [InlineData("", "malformed-file", "it ends")]
    public void Open_HeaderThatLiesOrIsDamaged_IsRefused(string header, string code, string found)
    {
        EmbeddingFileException e = Files.Refused("h.npy", Files.NpyWithHeader(header));
        Assert.Equal(code, e.Type.Code);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_HeaderLengthBeyondTheLimit_AllocatesNothing()
    {
        byte[] content = [0x93, .. "NUMPY"u8, 2, 0, 255, 255, 255, 127, .. new byte[50]];
        Assert.Contains("2147483647", Files.Refused("h.npy", content).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_StreamThatCannotSeekEndsEarlyOrLate_IsTold()
    {
        byte[] whole = Golden.Bytes("ramp-f4-le-c.npy");
        var early = Assert.Throws<EmbeddingFileException>(() => Files.Read("s.npy", new DribbleStream(whole[..^45])));
        Assert.Equal((ProblemTypes.TruncatedFile, 4L), (early.Type, early.Row!.Value));
        var late = Assert.Throws<EmbeddingFileException>(() => Files.Read("s.npy", new DribbleStream([.. whole, 0])));
        Assert.Equal(ProblemTypes.MalformedFile, late.Type);
    }

    private static void CheckRamp(ReadFile read)
    {
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], read.Sources);
        for (int r = 0; r < 7; r++)
        {
            for (int d = 0; d < 5; d++)
                Assert.Equal(r + (d / 8f) - 3, read.Rows[r][d]);
        }
    }
}
