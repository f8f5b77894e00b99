using HierEmbed.Core.Codes;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Tests.Readers;

namespace HierEmbed.Core.Tests.Codes;

public sealed class CsrNpzTests
{
    [Theory]
    [InlineData("codes.npz")]
    [InlineData("codes-stored.npz")]
    public void Read_WhatScipySaved_EqualsItsDenseArray(string file)
    {
        SparseCodeMatrix matrix = CsrNpzReader.Read(file, Golden.Open(file));
        List<float[]> dense = Files.Read("codes-dense.npy", Golden.Bytes("codes-dense.npy"), batchRows: 40).Rows;
        Assert.Equal((40, 64), (matrix.Rows, matrix.Dims));
        for (int row = 0; row < matrix.Rows; row++)
            Assert.Equal(dense[row], Dense(matrix.Row(row)));
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(3)]
    public void Write_Codes_ReadBackEqual(long maxNarrow)
    {
        List<SparseCode> codes = Codes(200, 96);
        SparseCodeMatrix matrix = CsrNpzReader.Read("own", new MemoryStream(Write(codes, 96, maxNarrow)));
        Assert.Equal(codes.Count, matrix.Rows);
        for (int row = 0; row < codes.Count; row++)
        {
            Assert.Equal(codes[row].Indices, matrix.Row(row).Indices);
            Assert.Equal(codes[row].Values, matrix.Row(row).Values);
        }
    }

    [Theory]
    [InlineData(200, int.MaxValue)]
    [InlineData(200, 3)]
    [InlineData(0, int.MaxValue)]
    public void Write_Codes_AreLoadedEqualByScipy(int rows, long maxNarrow)
    {
        List<SparseCode> codes = Codes(rows, 96);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.Path("codes.npz"), Write(codes, 96, maxNarrow));
        using (FileStream dense = File.Create(folder.Path("dense.npy")))
            NpyWriter.Write<float>(dense, codes.SelectMany(Dense).ToArray(), rows, 96);
        string printed = Python.Run("""
            import sys, numpy, scipy.sparse
            m = scipy.sparse.load_npz(sys.argv[1])
            m.check_format(full_check=True)
            d = numpy.load(sys.argv[2])
            print(m.format, m.dtype, m.shape == d.shape, bool((m.toarray() == d).all()), bool(m.has_sorted_indices))
            """, folder.Path("codes.npz"), folder.Path("dense.npy"));
        Assert.Equal("csr float32 True True True", printed.Trim());
    }

    [Fact]
    public void Write_Npz_IsLoadedEqualByNumPy()
    {
        using var folder = new TemporaryFolder();
        using (FileStream file = File.Create(folder.Path("a.npz")))
        using (var npz = new NpzWriter(file))
        {
            npz.Add<float>("f4", [1.5f, -2, 3, 4], 2, 2);
            npz.Add<Half>("f2", [(Half)0.25], 1);
            npz.Add<int>("i4", [-7, 8], 2);
            npz.Add<long>("i8", [1L << 40]);
        }
        string printed = Python.Run("""
            import sys, numpy
            z = numpy.load(sys.argv[1])
            print([(k, z[k].dtype.str, z[k].shape, z[k].tolist()) for k in z.files])
            """, folder.Path("a.npz"));
        Assert.Equal("[('f4', '<f4', (2, 2), [[1.5, -2.0], [3.0, 4.0]]), ('f2', '<f2', (1,), [0.25]), ('i4', '<i4', (2,), [-7, 8]), ('i8', '<i8', (), 1099511627776)]", printed.Trim());
    }

    [Fact]
    public void Write_SameCodes_GivesTheSameBytes() => Assert.Equal(Write(Codes(50, 32), 32), Write(Codes(50, 32), 32));

    [Fact]
    public void Add_CodeOfAnotherModel_IsRefused()
    {
        using var writer = new CsrNpzWriter(32);
        Assert.Throws<ArgumentException>(() => writer.Add(new SparseCode(64, [1], [1], 1)));
    }

    [Theory]
    [InlineData(new[] { 3, 1 }, new long[] { 0, 2 }, "ascending")]
    [InlineData(new[] { 1, 99 }, new long[] { 0, 2 }, "below 8")]
    [InlineData(new[] { 1, 2 }, new long[] { 0, 1 }, "row starts end at 1")]
    [InlineData(new[] { 1, 2 }, new long[] { 0, 5, 2 }, "row 0 ends at component 5")]
    [InlineData(new[] { 1, 2 }, new long[] { }, "does not fit")]
    public void Read_MatrixThatContradictsItself_IsRefused(int[] indices, long[] starts, string found)
    {
        var stream = new MemoryStream();
        using (var npz = new NpzWriter(stream))
        {
            npz.Add<int>("indices", indices, indices.Length);
            npz.Add<long>("indptr", starts, starts.Length);
            using (Stream member = npz.Open("format"))
            {
                NpyWriter.WriteHeader(member, "|S3", []);
                member.Write("csr"u8);
            }
            npz.Add<long>("shape", [starts.Length - 1, 8], 2);
            npz.Add<float>("data", [1, 2], 2);
        }
        var e = Assert.Throws<ModelException>(() => CsrNpzReader.Read("m", new MemoryStream(stream.ToArray())));
        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
        Assert.Contains(found, e.Message, StringComparison.Ordinal);
    }

    private static byte[] Write(List<SparseCode> codes, int dims, long maxNarrow = int.MaxValue)
    {
        using var writer = new CsrNpzWriter(dims, maxNarrow);
        foreach (SparseCode code in codes)
            writer.Add(code);
        var target = new MemoryStream();
        writer.WriteTo(target);
        return target.ToArray();
    }

    /// <summary>Codes of 0 to 8 components.</summary>
    private static List<SparseCode> Codes(int rows, int dims)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            int[] indices = [.. Enumerable.Range(0, random.Next(9)).Select(_ => random.Next(dims)).Distinct().Order()];
            return new SparseCode(dims, indices, [.. indices.Select(_ => random.NextSingle() + 0.01f)], 1);
        })];
    }

    private static float[] Dense(SparseCode code)
    {
        var dense = new float[code.Dims];
        for (int i = 0; i < code.Indices.Length; i++)
            dense[code.Indices[i]] = code.Values[i];
        return dense;
    }
}
