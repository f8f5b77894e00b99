using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Tests.Codes.Packed;

public sealed class CodeFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(57, false)]
    [InlineData(57, true)]
    public void WriteThenOpen_Codes_ComeBack(int rows, bool ids)
    {
        SparseCode[] codes = Codes(rows);
        string path = Save(Write(codes, ids ? row => row % 4 == 1 ? null : $"id-{row}-ä" : null));
        using CodeFile file = CodeFile.Open(path, "model-a");
        Assert.Equal((rows, "model-a", CodeCoding.Pursuit), ((int)file.Rows, file.ModelId, file.Coding));
        Assert.Equal((Format.LatentDims, Format.K, Format.BytesPerVector), (file.Format.LatentDims, file.Format.K, file.Format.BytesPerVector));
        Assert.Equal(Format.Grid.Levels, file.Format.Grid.Levels);
        Assert.Equal(ids && rows > 0, file.HasIds);
        for (int row = 0; row < rows; row++)
        {
            Assert.Equal(codes[row].Indices, file.Code(row).Indices);
            Assert.Equal(codes[row].Values, file.Code(row).Values);
            Assert.Equal(ids && row % 4 != 1 ? $"id-{row}-ä" : null, file.Id(row));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Code(rows));
    }

    /// <summary>The beginning alone says it, wherever the rest is.</summary>
    [Fact]
    public void ReadInfo_StartOfAFile_WhatItsHeaderSays()
    {
        byte[] file = Write(Codes(5000), null);
        Assert.True(file.Length > CodeFileInfo.MaxHeaderBytes);
        CodeFileInfo info = CodeFile.ReadInfo("x", file.AsSpan(0, CodeFileInfo.MaxHeaderBytes));
        Assert.Equal(("model-a", CodeCoding.Pursuit), (info.ModelId, info.Coding));
        Assert.Equal((Format.LatentDims, Format.K, Format.BytesPerVector), (info.Format.LatentDims, info.Format.K, info.Format.BytesPerVector));
        Assert.Equal(Format.Grid.Levels, info.Format.Grid.Levels);
        byte[] small = Write(Codes(1), null);
        Assert.Equal(info.Format.K, CodeFile.ReadInfo("x", small).Format.K);
        for (int length = 0; length < CodeFileLayout.MinHeaderBytes + CodeFileLayout.FooterBytes; length++)
            Assert.Throws<ModelException>(() => CodeFile.ReadInfo("x", small.AsSpan(0, length)));
        for (int at = 0; at < 100; at++)
        {
            byte[] damaged = [.. file[..CodeFileInfo.MaxHeaderBytes]];
            damaged[at] ^= 0x40;
            Assert.Throws<ModelException>(() => CodeFile.ReadInfo("x", damaged));
        }
    }

    [Fact]
    public void Add_FirstIdLate_LeavesRowsBeforeWithout()
    {
        using CodeFile file = CodeFile.Open(Save(Write(Codes(4), row => row == 2 ? "x" : null)));
        Assert.Equal([null, null, "x", null], Enumerable.Range(0, 4).Select(row => file.Id(row)));
    }

    [Fact]
    public void Write_SameCodes_GivesTheSameBytes() => Assert.Equal(Write(Codes(9), row => $"{row}"), Write(Codes(9), row => $"{row}"));

    [Fact]
    public void Open_AnotherModel_IsRefusedNamingBoth()
    {
        string path = Save(Write(Codes(3), null));
        ModelException e = Assert.Throws<ModelException>(() => CodeFile.Open(path, "model-b"));
        Assert.Contains("model-a", e.Message, StringComparison.Ordinal);
        Assert.Contains("model-b", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_CutOffAnywhere_IsRefused()
    {
        byte[] whole = Write(Codes(5), row => $"id{row}");
        for (int length = 0; length < whole.Length; length++)
        {
            string path = Save(whole[..length]);
            Assert.Equal(ProblemTypes.CorruptArtifact, Assert.Throws<ModelException>(() => CodeFile.Open(path)).Type);
        }
        AssertRefused([.. whole, 0]);
    }

    [Fact]
    public void Open_AnyByteChanged_IsRefused()
    {
        byte[] whole = Write(Codes(5), row => $"id{row}");
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x41;
            AssertRefused(damaged);
        }
    }

    [Theory]
    // Offsets in the header, with values that a checksum does not keep out: whoever forges a file forges its checksums too.
    [InlineData(12, 0)]
    [InlineData(12, int.MaxValue)]
    [InlineData(16, 0)]
    [InlineData(16, int.MaxValue)]
    [InlineData(20, 0)]
    [InlineData(20, -5)]
    [InlineData(20, int.MaxValue)]
    [InlineData(24, 1)]
    [InlineData(24, int.MaxValue)]
    [InlineData(28, 2)]
    [InlineData(32, 0)]
    [InlineData(32, int.MaxValue)]
    [InlineData(36, -1)]
    [InlineData(36, int.MaxValue)]
    public void Open_ForgedHeader_IsRefused(int offset, int value)
    {
        byte[] forged = Write(Codes(5), null);
        int headerBytes = BitConverter.ToInt32(forged, 12);
        BitConverter.TryWriteBytes(forged.AsSpan(offset), value);
        Forge(forged, headerBytes);
        AssertRefused(forged);
    }

    [Theory]
    [InlineData(0, long.MaxValue)]
    [InlineData(0, -1)]
    [InlineData(0, 4)]
    [InlineData(8, long.MaxValue)]
    [InlineData(8, -8)]
    public void Open_ForgedFooter_IsRefused(int offset, long value)
    {
        byte[] forged = Write(Codes(5), row => "a");
        BitConverter.TryWriteBytes(forged.AsSpan(forged.Length - CodeFileLayout.FooterBytes + offset), value);
        Forge(forged, BitConverter.ToInt32(forged, 12));
        AssertRefused(forged);
    }

    public void Dispose() => folder.Dispose();

    private static PackedCodeFormat Format { get; } = PackedCodeFormat.ForK(128, 6, PackedCodeTests.Grid(5));

    private static SparseCode[] Codes(int rows)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            float scale = CodeScale.Value(random.Next(100, 255));
            int[] indices = PackedCodeTests.Sample(random, 128, random.Next(7));
            return new SparseCode(128, indices, [.. indices.Select(_ => Format.Grid.Levels[random.Next(5)] * scale)], 0);
        })];
    }

    private static byte[] Write(SparseCode[] codes, Func<int, string?>? id)
    {
        using var target = new MemoryStream();
        using (var writer = new CodeFileWriter(target, "model-a", CodeCoding.Pursuit, Format))
        {
            for (int row = 0; row < codes.Length; row++)
                writer.Add(codes[row], id?.Invoke(row));
            writer.Complete();
        }
        return target.ToArray();
    }

    /// <summary>Makes the checksums of header and footer fit again.</summary>
    private static void Forge(byte[] file, int headerBytes)
    {
        BitConverter.TryWriteBytes(file.AsSpan(headerBytes - 8), System.IO.Hashing.XxHash3.HashToUInt64(file.AsSpan(0, headerBytes - 8)));
        Span<byte> footer = file.AsSpan(file.Length - CodeFileLayout.FooterBytes);
        BitConverter.TryWriteBytes(footer[32..], System.IO.Hashing.XxHash3.HashToUInt64([.. file[..headerBytes], .. footer[..32]]));
    }

    private string Save(byte[] content)
    {
        string path = folder.Path("c.codes");
        File.WriteAllBytes(path, content);
        return path;
    }

    private void AssertRefused(byte[] content)
    {
        string path = Save(content);
        ModelException e = Assert.Throws<ModelException>(() => CodeFile.Open(path));
        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
        Assert.True(e.Message.Length < 300, e.Message);
    }
}
