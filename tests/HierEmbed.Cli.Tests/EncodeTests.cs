using System.Text.Json;
using HierEmbed.Cli.Tests.Support;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using ParquetSharp;

namespace HierEmbed.Cli.Tests;

public sealed class EncodeTests(TrainedModel trained)
{
    // Prints rows, dims, the most active components of a row, and the largest distance of a row's norm from 1.
    private const string Describe = """
        import sys, numpy, scipy.sparse
        m = scipy.sparse.load_npz(sys.argv[1])
        assert m.format == 'csr' and m.has_sorted_indices and m.dtype == numpy.float32
        norms = numpy.sqrt(m.multiply(m).sum(axis=1))
        print(m.shape[0], m.shape[1], int(numpy.diff(m.indptr).max()), float(abs(norms - 1).max()) < 1e-6)
        """;

    // Whether a .npz and a .jsonl hold the same codes.
    private const string Same = """
        import sys, json, numpy, scipy.sparse
        m = scipy.sparse.load_npz(sys.argv[1])
        rows = [json.loads(line) for line in open(sys.argv[2])]
        assert len(rows) == m.shape[0], (len(rows), m.shape)
        for i, row in enumerate(rows):
            assert row['dims'] == m.shape[1] and row['indices'] == m[i].indices.tolist()
            assert numpy.array_equal(numpy.array(row['values'], dtype=numpy.float32), m[i].data)
        print('same')
        """;

    [Fact]
    public async Task Encode_Npz_ScipyLoadsUnitRowsOfAtMostKComponents()
    {
        using var folder = new TemporaryFolder();
        Finished encoded = (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--k", "5", "--out", folder.At("codes.npz"))).Expect(0);
        Assert.Equal(folder.At("codes.npz") + "\n", encoded.Out);
        Assert.Equal("400 32 5 True", await Python.RunAsync(Describe, folder.At("codes.npz")));
        Assert.Equal(["codes.npz"], folder.Entries);
    }

    [Fact]
    public async Task Encode_JsonLines_HoldsTheSameCodes()
    {
        using var folder = new TemporaryFolder();
        (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--out", folder.At("codes.npz"))).Expect(0);
        Finished json = (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--out", folder.At("codes.jsonl"), "--json")).Expect(0);
        Assert.Equal("same", await Python.RunAsync(Same, folder.At("codes.npz"), folder.At("codes.jsonl")));
        JsonElement printed = JsonDocument.Parse(json.Out).RootElement;
        Assert.Equal(400, printed.GetProperty("rows").GetInt64());
        Assert.Equal(8, printed.GetProperty("k").GetInt32());
    }

    [Fact]
    public async Task Encode_SeveralFiles_KeepsTheOrderOfTheCommandLine()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("a.npy"), 3, seed: 11);
        SmallRows.WriteNpy(folder.At("b.npy"), 2, seed: 12);
        async Task<string[]> EncodeAsync(string name, params string[] files)
        {
            (await Hierembed.RunInAsync(folder.Root, ["encode", trained.Model, .. files, "--out", name])).Expect(0);
            return await File.ReadAllLinesAsync(folder.At(name), TestContext.Current.CancellationToken);
        }
        string[] a = await EncodeAsync("a.jsonl", "a.npy");
        string[] b = await EncodeAsync("b.jsonl", "b.npy");
        Assert.Equal(b.Concat(a), await EncodeAsync("ba.jsonl", "b.npy", "a.npy"));
        Assert.Equal(a.Concat(b), await EncodeAsync("ab.jsonl", "a.npy", "b.npy"));
    }

    [Fact]
    public async Task Encode_Prefix_UsesOnlyTheFirstLatents()
    {
        using var folder = new TemporaryFolder();
        (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--k", "4", "--prefix", "16", "--out", folder.At("codes.jsonl"))).Expect(0);
        foreach (string line in await File.ReadAllLinesAsync(folder.At("codes.jsonl"), TestContext.Current.CancellationToken))
            Assert.All(JsonDocument.Parse(line).RootElement.GetProperty("indices").EnumerateArray(), index => Assert.InRange(index.GetInt32(), 0, 15));
    }

    [Fact]
    public async Task Encode_PackedCodes_AreThoseThatNpzHolds()
    {
        using var folder = new TemporaryFolder();
        Finished json = (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--bytes", "9", "--out", folder.At("a.codes"), "--json")).Expect(0);
        (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--bytes", "9", "--out", folder.At("a.npz"))).Expect(0);
        JsonElement printed = JsonDocument.Parse(json.Out).RootElement;
        Assert.Equal(("pursuit", 9), (printed.GetProperty("coding").GetString(), printed.GetProperty("bytesPerVector").GetInt32()));
        using CodeFile file = CodeFile.Open(folder.At("a.codes"), printed.GetProperty("modelId").GetString()!);
        Assert.Equal((400, CodeCoding.Pursuit, printed.GetProperty("k").GetInt32()), ((int)file.Rows, file.Coding, file.Format.K));
        SparseCodeMatrix matrix = CsrNpzReader.Read("a.npz", File.OpenRead(folder.At("a.npz")));
        for (int row = 0; row < 400; row++)
        {
            Assert.Equal(matrix.Row(row).Indices, file.Code(row).Indices);
            Assert.Equal(matrix.Row(row).Values, file.Code(row).Values);
        }
        Assert.Equal(["a.codes", "a.npz"], folder.Entries.Order());
    }

    /// <summary>Whatever rows come first: collections of one length are packed alike.</summary>
    [Fact]
    public async Task Encode_LengthThatTheModelWasPublishedWith_UsesItsFormat()
    {
        using var folder = new TemporaryFolder();
        (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--bytes", "16", "--out", folder.At("a.codes"))).Expect(0);
        PackingTable packing = PackingTable.Parse(File.ReadAllBytes(Path.Combine(trained.Model, "packing.json")), "packing.json");
        using CodeFile file = CodeFile.Open(folder.At("a.codes"));
        Assert.Equal(packing.Find(16)!.Grid.Levels, file.Format.Grid.Levels);
        Assert.Equal((packing.Find(16)!.K, 16), (file.Format.K, file.Format.BytesPerVector));
    }

    [Fact]
    public async Task Encode_PackingFormatsAreDamaged_IsRefused()
    {
        using var folder = new TemporaryFolder();
        foreach (string source in Directory.EnumerateFiles(trained.Model))
            File.Copy(source, folder.At($"model/{Path.GetFileName(source)}"));
        folder.Write("model/packing.json", "{}");
        Finished wrong = await Hierembed.RunAsync("encode", folder.At("model"), trained.Vectors, "--bytes", "16", "--out", folder.At("a.codes"));
        Assert.Contains("packing.json", wrong.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, wrong.ExitCode);
    }

    [Fact]
    public async Task Encode_PursuitAtMoreComponents_LeavesLessOfTheRows()
    {
        using var folder = new TemporaryFolder();
        // Mean squared error of decoded rows, by SciPy and NumPy from the exported files alone.
        const string left = """
            import sys, numpy, scipy.sparse
            d = numpy.load(sys.argv[1]); x = numpy.load(sys.argv[2]); z = scipy.sparse.load_npz(sys.argv[3])
            x = x / numpy.linalg.norm(x, axis=1, keepdims=True); a = d['atoms'] / numpy.linalg.norm(d['atoms'], axis=1, keepdims=True)
            print(((x - d['mean'] - z @ a) ** 2).sum(axis=1).mean())
            """;
        double before = await Errors("2"), after = await Errors("8");
        Assert.True(after < 0.5 * before, $"{after} after {before}");
        async Task<double> Errors(string k)
        {
            (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--coding", "pursuit", "--k", k, "--out", folder.At("p.npz"))).Expect(0);
            return double.Parse(await Python.RunAsync(left, Path.Combine(trained.Model, "dictionary.npz"), trained.Vectors, folder.At("p.npz")), System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task Encode_OtherFormats_HoldTheCodesOfJsonLines()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in new[] { "c.jsonl", "c.parquet", "c.qdrant.jsonl", "c.tsv" })
            (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--coding", "pursuit", "--k", "3", "--out", folder.At(name))).Expect(0);
        JsonElement[] expected = [.. File.ReadLines(folder.At("c.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        string[] qdrant = File.ReadAllLines(folder.At("c.qdrant.jsonl")), pgvector = File.ReadAllLines(folder.At("c.tsv"));
        using var parquet = new ParquetFileReader(folder.At("c.parquet"));
        using RowGroupReader group = parquet.RowGroup(0);
        using ColumnReader column = group.Column(1);
        using LogicalColumnReader<int[]> indices = column.LogicalReader<int[]>();
        int[][] stored = indices.ReadAll(400);
        Assert.Equal((400, 400, 400), (expected.Length, qdrant.Length, pgvector.Length));
        for (int row = 0; row < 400; row++)
        {
            int[] latents = [.. expected[row].GetProperty("indices").EnumerateArray().Select(index => index.GetInt32())];
            string values = expected[row].GetProperty("values").GetRawText();
            Assert.Equal(latents, stored[row]);
            Assert.Equal($"{{\"id\":{row},\"vector\":{{\"code\":{{\"indices\":[{string.Join(',', latents)}],\"values\":{values}}}}}}}", qdrant[row]);
            string components = string.Join(',', latents.Zip(values.Trim('[', ']').Split(','), (latent, value) => $"{latent + 1}:{value}"));
            Assert.Equal($"\\N\t{{{components}}}/32", pgvector[row]);
        }
    }

    [Theory]
    [InlineData("c.npz --k 3 --bytes 9", "--k and --bytes")]
    [InlineData("c.codes --bytes 1", "--bytes is 1")]
    [InlineData("c.csv --k 3", "--out ends in \".csv\"")]
    [InlineData("c.npz --coding other", "other")]
    public async Task Encode_WrongOptions_AreUsage(string options, string expected)
    {
        using var folder = new TemporaryFolder();
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, ["encode", trained.Model, trained.Vectors, "--out", .. options.Split(' ')])).Expect(2);
        Assert.Contains(expected, wrong.Error, StringComparison.Ordinal);
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public async Task Encode_WrongDims_EndsWith3AndLeavesNoFile()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("other.npy"), 10, dims: 8);
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, "encode", trained.Model, trained.Vectors, "other.npy", "--out", "codes.npz")).Expect(3);
        Assert.Contains("error: other.npy: the file has 8 dimensions, model model/", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("takes 16", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(["other.npy"], folder.Entries);
    }

    [Fact]
    public async Task Encode_KAboveLatents_IsUsage()
    {
        using var folder = new TemporaryFolder();
        Finished wrong = (await Hierembed.RunAsync("encode", trained.Model, trained.Vectors, "--k", "33", "--out", folder.At("codes.npz"))).Expect(2);
        Assert.Contains("--k is 33; expected 1 to 32", wrong.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("manifest.json")]
    [InlineData("encoder.onnx")]
    public async Task Encode_DamagedModel_Fails(string file)
    {
        using var folder = new TemporaryFolder();
        foreach (string source in Directory.EnumerateFiles(trained.Model))
            File.Copy(source, folder.At($"model/{Path.GetFileName(source)}"));
        await File.WriteAllTextAsync(folder.At($"model/{file}"), "{", TestContext.Current.CancellationToken);
        Finished wrong = await Hierembed.RunAsync("encode", folder.At("model"), trained.Vectors, "--out", folder.At("codes.npz"));
        Assert.Contains(file, wrong.Expect(1).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Encode_NoModel_EndsWith3()
    {
        using var folder = new TemporaryFolder();
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, "encode", "nowhere", trained.Vectors, "--out", "codes.npz")).Expect(3);
        Assert.Contains("\"nowhere\"", wrong.Error, StringComparison.Ordinal);
        Assert.Empty(folder.Entries);
    }

    [Theory]
    [InlineData("encode", true)]
    [InlineData("inspect", false)]
    public async Task RequestPath_DoesNotLoadTorch(string command, bool loadsOnnx)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the loader's own record of what it loads is glibc's");
        using var folder = new TemporaryFolder();
        var recorded = new Dictionary<string, string> { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = folder.At("loaded"), ["TMPDIR"] = folder.Root };
        string[] arguments = command == "encode" ? ["encode", trained.Model, trained.Vectors, "--out", folder.At("codes.npz")] : ["inspect", trained.Vectors];
        await using Hierembed process = Hierembed.Start(null, recorded, arguments);
        (await process.EndAsync()).Expect(0);
        string loaded = string.Concat(Directory.EnumerateFiles(folder.Root, "loaded.*").Select(File.ReadAllText));
        Assert.Contains("libcoreclr", loaded, StringComparison.Ordinal);
        Assert.Equal(loadsOnnx, loaded.Contains("libonnxruntime", StringComparison.Ordinal));
        Assert.DoesNotContain("torch", loaded, StringComparison.OrdinalIgnoreCase);
        // What ONNX Runtime's telemetry leaves where it is at work.
        Assert.DoesNotContain(".ses", folder.Entries);
    }
}
