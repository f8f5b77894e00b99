using System.IO.Compression;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;

namespace HierEmbed.Core.Tests.Numpy;

public sealed class NpzTests
{
    [Fact]
    public void Read_NumPyCompressedFile_EqualsNumPy()
    {
        using NpzReader npz = NpzReader.Open("arrays.npz", Golden.Open("arrays.npz"));
        Assert.Equal(["f4", "f2", "i4", "i8"], npz.Names);
        NpyArray<float> floats = npz.Read<float>("f4");
        Assert.Equal([7, 5], floats.Shape);
        Assert.Equal(2 + (3 / 8f), floats.Values[(5 * 5) + 3]);
        Assert.Equal((Half)(2 + (3 / 8f)), npz.Read<Half>("f2").Values[(5 * 5) + 3]);
        Assert.Equal([0, 1, 2, 3, 4, 5], npz.Read<int>("i4").Values);
        NpyArray<long> scalar = npz.Read<long>("i8");
        Assert.Empty(scalar.Shape);
        Assert.Equal([-5], scalar.Values);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Write_EveryType_ReadsBackEqual(CompressionLevel level)
    {
        using NpzReader npz = NpzReader.Open("own", new MemoryStream(Write(level)));
        Assert.Equal([1.5f, float.NaN, -0f], npz.Read<float>("f4").Values);
        Assert.Equal([3, 1], npz.Read<float>("f4").Shape);
        Assert.Equal([(Half)1.5], npz.Read<Half>("f2").Values);
        Assert.Equal([int.MinValue, 7], npz.Read<int>("i4").Values);
        Assert.Equal([long.MaxValue], npz.Read<long>("i8").Values);
        Assert.Empty(npz.Read<long>("i8").Shape);
        Assert.Equal([0.1], npz.Read<double>("f8").Values);
        Assert.Empty(npz.Read<sbyte>("i1").Values);
    }

    [Fact]
    public void Write_SameArraysLater_GivesTheSameBytes()
    {
        byte[] first = Write(CompressionLevel.Optimal);
        Thread.Sleep(2100); // A zip counts time in steps of two seconds.
        Assert.Equal(first, Write(CompressionLevel.Optimal));
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Fastest)]
    public void Write_ToWhereItCannotSeek_GivesTheSameBytes(CompressionLevel level)
    {
        using var seekable = new MemoryStream();
        Write(seekable);
        using var packed = new MemoryStream();
        using (var cannotSeek = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
            Write(cannotSeek);
        packed.Position = 0;
        using var unpacked = new MemoryStream();
        using (var unpacking = new GZipStream(packed, CompressionMode.Decompress))
            unpacking.CopyTo(unpacked);
        Assert.Equal(seekable.ToArray(), unpacked.ToArray());

        void Write(Stream target)
        {
            using var npz = new NpzWriter(target, level);
            npz.Add<float>("a", [1, 2, 3], 3);
            npz.Add<long>("b", [4, 5], 2);
        }
    }

    [Fact]
    public void Write_ShapeThatDoesNotFit_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => NpyWriter.Write<float>(new MemoryStream(), [1, 2, 3], 2, 2));
        Assert.Throws<ArgumentException>(() => NpyWriter.Write<uint>(new MemoryStream(), [1], 1));
        using var npz = new NpzWriter(new MemoryStream());
        npz.Add<float>("a", [1], 1);
        Assert.Throws<ArgumentException>(() => npz.Add<float>("a", [1], 1));
    }

    [Theory]
    [InlineData("missing", "no member")]
    [InlineData("i4", "<i4")]
    public void Read_WrongMember_IsNamed(string member, string found)
    {
        using NpzReader npz = NpzReader.Open("arrays.npz", Golden.Open("arrays.npz"));
        var e = Assert.Throws<ModelException>(() => npz.Read<float>(member));
        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Read_CutOffOrMutated_IsReadOrRefused(CompressionLevel level)
    {
        byte[] whole = Write(level);
        for (int length = 0; length < whole.Length; length++)
            Assert.False(ReadsAll(whole[..length]));

        const int seed = 11, rounds = 4000;
        var random = new Random(seed);
        for (int round = 0; round < rounds; round++)
        {
            byte[] content = [.. whole];
            for (int change = random.Next(1, 4); change > 0; change--)
                content[random.Next(content.Length)] ^= (byte)(1 << random.Next(8));
            ReadsAll(content);
        }
    }

    [Fact]
    public void Read_OneFlippedBitInTheData_IsFoundByItsChecksum()
    {
        byte[] content = Write(CompressionLevel.NoCompression);
        int data = content.AsSpan().IndexOf(BitConverter.GetBytes(1.5f));
        content[data] ^= 1;
        using NpzReader npz = NpzReader.Open("own", new MemoryStream(content));
        Assert.Contains("checksum", Assert.Throws<ModelException>(() => npz.Read<float>("f4")).Message, StringComparison.Ordinal);
    }

    private static byte[] Write(CompressionLevel level)
    {
        var stream = new MemoryStream();
        using (var npz = new NpzWriter(stream, level))
        {
            npz.Add<float>("f4", [1.5f, float.NaN, -0f], 3, 1);
            npz.Add<Half>("f2", [(Half)1.5], 1);
            npz.Add<int>("i4", [int.MinValue, 7], 2);
            npz.Add<long>("i8", [long.MaxValue]);
            npz.Add<double>("f8", [0.1], 1, 1);
            npz.Add<sbyte>("i1", [], 0, 4);
        }
        return stream.ToArray();
    }

    private static bool ReadsAll(byte[] content)
    {
        try
        {
            using NpzReader npz = NpzReader.Open("own", new MemoryStream(content));
            npz.Read<float>("f4");
            npz.Read<Half>("f2");
            npz.Read<int>("i4");
            npz.Read<long>("i8");
            npz.Read<double>("f8");
            npz.Read<sbyte>("i1");
            return true;
        }
        catch (ModelException e)
        {
            Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
            Assert.InRange(e.Message.Length, 10, 299);
            return false;
        }
    }
}
