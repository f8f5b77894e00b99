using System.Text.Json;
using HierEmbed.Cli.Hosting;
using HierEmbed.Cli.Tests.Support;

namespace HierEmbed.Cli.Tests;

public sealed class TrainTests(TrainedModel trained)
{
    private static readonly string[] ModelFiles = ["manifest.json", "encoder.onnx", "dictionary.npz", "metrics.json", "report.html"];

    [Fact]
    public async Task Train_SameSeed_GivesTheSameEncoderByteForByte()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("vectors.npy"), 300);
        async Task<byte[]> TrainAsync(string name, string seed)
        {
            (await Hierembed.RunInAsync(folder.Root, ["train", "vectors.npy", "--out", $"{name}/model", "--seed", seed, .. SmallRows.Recipe])).Expect(0);
            return await File.ReadAllBytesAsync(folder.At($"{name}/model/encoder.onnx"), TestContext.Current.CancellationToken);
        }
        byte[] first = await TrainAsync("a", "3");
        Assert.Equal(first, await TrainAsync("b", "3"));
        Assert.NotEqual(first, await TrainAsync("c", "4"));
    }

    [Fact]
    public async Task Train_Json_IsTheManifestAndLeavesOnlyTheModel()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("vectors.npy"), 300);
        Finished trained = (await Hierembed.RunInAsync(folder.Root, ["train", "vectors.npy", "--out", "deep/down/model", "--json", .. SmallRows.Recipe])).Expect(0);
        JsonElement manifest = JsonDocument.Parse(trained.Out).RootElement;
        Assert.Equal("model", manifest.GetProperty("dataset").GetString());
        Assert.Equal(32, manifest.GetProperty("recipe").GetProperty("latentDims").GetInt32());
        Assert.Equal(300, Rows(manifest));
        Assert.Contains("epoch 2/2", trained.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', trained.Error);
        Assert.DoesNotContain('\r', trained.Error);
        Assert.All(ModelFiles, file => Assert.Contains($"deep/down/model/{file}", folder.Entries));
        Assert.All(folder.Entries, entry => Assert.True(entry is "vectors.npy" or "deep" or "deep/down" || entry.StartsWith("deep/down/model", StringComparison.Ordinal), entry));
    }

    [Fact]
    public async Task Train_FolderWithTrainingJson_UsesItAndTheCommandLineOverridesIt()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("set/a.npy"), 200);
        SmallRows.WriteNpy(folder.At("set/sub/b.npy"), 100, seed: 2);
        folder.Write("set/training.json", """{"recipe": "sparse", "epochs": 2, "latentDims": 32, "trainKs": [4], /* read too */ "seed": 5}""");
        Finished trained = (await Hierembed.RunInAsync(folder.Root, "train", "set", "--out", "model", "--json", "--set", "latentDims=24")).Expect(0);
        JsonElement manifest = JsonDocument.Parse(trained.Out).RootElement;
        JsonElement recipe = manifest.GetProperty("recipe");
        Assert.Equal("sparse", recipe.GetProperty("recipe").GetProperty("name").GetString());
        Assert.Equal(24, recipe.GetProperty("latentDims").GetInt32());
        Assert.Equal(5, manifest.GetProperty("seed").GetInt64());
        Assert.Equal(300, Rows(manifest));
    }

    [Fact]
    public async Task Train_FolderWithLabels_ReportsWhatCodesSayOfThem()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("set/a.npy"), 300);
        folder.Write("set/labels.jsonl", string.Concat(Enumerable.Range(0, 300).Select(row => $"{{\"text\": \"row <{row}>\", \"label\": \"{(row % 2 == 0 ? "even" : "odd")}\"}}\n")));
        Finished trained = (await Hierembed.RunInAsync(folder.Root, ["train", "set", "--out", "model", .. SmallRows.Recipe])).Expect(0);
        string report = trained.Out.TrimEnd().Split('\n')[^1];
        Assert.Equal(folder.At("model/report.html"), report);
        string page = await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
        Assert.Contains("<p>2 classes;", page, StringComparison.Ordinal);
        Assert.Matches(@"<h3><bdi dir=""auto"">row &lt;\d+&gt;</bdi></h3>", page);
    }

    [Fact]
    public async Task Train_OccupiedFolder_IsReplacedOnlyByForceAndOnlyIfItIsAModel()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("vectors.npy"), 300);
        string[] train = ["train", "vectors.npy", "--out", "model", .. SmallRows.Recipe];
        (await Hierembed.RunInAsync(folder.Root, train)).Expect(0);
        string before = await File.ReadAllTextAsync(folder.At("model/manifest.json"), TestContext.Current.CancellationToken);

        Assert.Contains("--force", (await Hierembed.RunInAsync(folder.Root, train)).Expect(2).Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(folder.At("model/manifest.json"), TestContext.Current.CancellationToken));

        (await Hierembed.RunInAsync(folder.Root, [.. train, "--force", "--seed", "9"])).Expect(0);
        Assert.NotEqual(before, await File.ReadAllTextAsync(folder.At("model/manifest.json"), TestContext.Current.CancellationToken));

        folder.Write("mine/notes.txt", "not a model");
        (await Hierembed.RunInAsync(folder.Root, ["train", "vectors.npy", "--out", "mine", "--force"])).Expect(2);
        Assert.Contains("mine/notes.txt", folder.Entries);
    }

    /// <summary>What makes a trained model's folder one that --force must not delete, and what the error names.</summary>
    public static TheoryData<string, string> ForeignEntries => new()
    {
        { "thesis.txt", "holds \"thesis.txt\"" },
        { ".git/HEAD", "holds \".git\"" },
        { "codes/notes.txt", "holds \"codes/notes.txt\"" },
        { "codes/mine/a.npz", "holds \"codes/mine\"" },
        { "vectors/own.npy", "holds \"vectors/own.npy\"" },
        { "labels/notes.txt", "holds \"labels/notes.txt\"" },
        { "manifest.json", "holds no manifest.json of a model" },
        { "encoder.onnx", "encoder.onnx that is not its manifest's" },
    };

    [Theory]
    [MemberData(nameof(ForeignEntries))]
    public async Task Train_ForceOnAFolderThatIsMoreThanAModel_DeletesNothing(string entry, string said)
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("vectors.npy"), 300);
        foreach (string source in Directory.EnumerateFiles(trained.Model))
            File.Copy(source, folder.At($"model/{Path.GetFileName(source)}"));
        folder.Write($"model/{entry}", """{"name": "a web app"}""");
        string[] before = folder.Entries;
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, ["train", "vectors.npy", "--out", "model", "--force", .. SmallRows.Recipe])).Expect(2);
        Assert.Contains(said, wrong.Error, StringComparison.Ordinal);
        Assert.Equal(before, folder.Entries);
    }

    [Fact]
    public void Replace_NewModelCannotMoveIn_PutsTheOldOneBack()
    {
        using var folder = new TemporaryFolder();
        folder.Write("model/manifest.json", "old");
        Assert.ThrowsAny<IOException>(() => ModelFolder.Replace(folder.At("missing"), folder.At("model"), folder.At("replaced")));
        Assert.Equal(["model", "model/manifest.json"], folder.Entries);
    }

    [Fact]
    public async Task Train_Interrupted_EndsWith130AndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("vectors.npy"), 2_000);
        await using Hierembed process = Hierembed.Start(folder.Root, null, "train", "vectors.npy", "--out", "deep/model", "--set", "epochs=10000", "patience=0", "latentDims=32", "trainKs=4,8", "prefixDivisors=2");
        await process.UntilErrorAsync("train epoch");
        process.Signal(Hierembed.SIGINT);
        Finished ended = (await process.EndAsync()).Expect(130);
        Assert.Empty(ended.Out);
        Assert.Equal(["vectors.npy"], folder.Entries);
    }

    /// <summary>Name of the bad file, how it is made, and what its error must say: the file, what was found, what was expected.</summary>
    public static TheoryData<string, string[]> BadFiles => new()
    {
        { "empty.npy", ["empty.npy", "0 bytes"] },
        { "truncated.npy", ["truncated.npy", "400 rows", "25600 bytes", "6400"] },
        { "renamed.npy", ["renamed.npy", "JSON", ".json"] },
        { "pickle.npy", ["pickle.npy", "pickle", "never loaded"] },
        { "huge.npy", ["huge.npy", "1099511627776", "65536"] },
        { "few.npy", ["20 rows", "at least 50"] },
        { "equal.npy", ["400 rows", "equal"] },
        { "zeros.npy", ["zeros.npy", "400 of 400 rows", "row 0", "all values are 0"] },
        { "nan.npy", ["nan.npy", "400 of 400 rows", "row 0: NaN"] },
        { "text.jsonl", ["text.jsonl", "row 0"] },
        { "unknown.bin", ["unknown.bin", "expected", ".npy"] },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task Train_BadFile_EndsWith3AndSaysWhatWasFoundWhere(string name, string[] said)
    {
        using var folder = new TemporaryFolder();
        BadFile.Write(folder.At(name), name);
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, "train", name, "--out", "model")).Expect(3);
        Assert.Empty(wrong.Out);
        string error = Assert.Single(wrong.Error.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.All(said, part => Assert.Contains(part, error, StringComparison.Ordinal));
        Assert.True(error.Length < 330, error);
        Assert.Equal([name], folder.Entries);
    }

    [Fact]
    public async Task Train_MixedDims_NamesBothFilesAsTheUserDoes()
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("a.npy"), 100);
        SmallRows.WriteNpy(folder.At("sub/b.npy"), 100, dims: 8);
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, "train", "a.npy", "sub/b.npy", "--out", "model")).Expect(3);
        Assert.Contains("error: a.npy has 16 dimensions, sub/b.npy has 8.", wrong.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"epochz": 3}""", "did you mean \"epochs\"")]
    [InlineData("""{"learningRate": 7}""", "expected number from")]
    [InlineData("""{"recipe": "nested"}""", "matryoshka, sparse, seed, pca")]
    [InlineData("""{"seed": -3}""", "whole number from 0")]
    [InlineData("epochs: 3", "not JSON")]
    [InlineData("[]", "expected an object")]
    public async Task Train_BadTrainingJson_EndsWith3(string training, string said)
    {
        using var folder = new TemporaryFolder();
        SmallRows.WriteNpy(folder.At("set/a.npy"), 100);
        folder.Write("set/training.json", training);
        Finished wrong = (await Hierembed.RunInAsync(folder.Root, "train", "set", "--out", "model")).Expect(3);
        Assert.Contains(said, wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_NoSuchFileOrNoneInTheFolder_EndsWith3()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("\"nothing.npy\"", (await Hierembed.RunInAsync(folder.Root, "train", "nothing.npy", "--out", "model")).Expect(3).Error, StringComparison.Ordinal);
        Directory.CreateDirectory(folder.At("bare"));
        Assert.Contains("bare", (await Hierembed.RunInAsync(folder.Root, "train", "bare", "--out", "model")).Expect(3).Error, StringComparison.Ordinal);
    }

    private static long Rows(JsonElement manifest)
    {
        JsonElement rows = manifest.GetProperty("rows");
        return rows.GetProperty("train").GetInt64() + rows.GetProperty("validation").GetInt64() + rows.GetProperty("test").GetInt64();
    }
}
