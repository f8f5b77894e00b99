using System.Text.Json;
using HierEmbed.Cli.Tests.Support;

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
