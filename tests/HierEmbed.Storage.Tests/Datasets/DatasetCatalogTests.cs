using HierEmbed.Core.Errors;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Folders;

namespace HierEmbed.Storage.Tests.Datasets;

public sealed class DatasetCatalogTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    private DatasetCatalog Uploads(params string[] names)
    {
        foreach (string name in names)
        {
            string path = Path.Combine(folder.Path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, name);
        }
        return new DatasetCatalog(new FolderStore(folder.Path));
    }

    [Theory]
    [InlineData("wiki/a.npy", "wiki")]
    [InlineData("wiki/2024/a.npy", "wiki")]
    [InlineData("wiki.npy", "wiki")]
    [InlineData("wiki.jsonl.gz", "wiki")]
    [InlineData("wiki.csv.ZST", "wiki")]
    [InlineData("wiki", "wiki")]
    [InlineData("Wiki En.npy", "Wiki En")]
    [InlineData(".DS_Store", null)]
    [InlineData(".git/config", null)]
    [InlineData("wiki/.part", null)]
    [InlineData("wiki/", null)]
    public void DatasetOf_Upload_IsItsFolderOrStem(string name, string? dataset) => Assert.Equal(dataset, DatasetCatalog.DatasetOf(name));

    [Theory]
    [InlineData("wiki/a.npy", true)]
    [InlineData("labels.npy", true)]
    [InlineData("wiki/training.json", false)]
    [InlineData("wiki/labels.csv", false)]
    [InlineData("wiki/.hidden.npy", false)]
    public void IsEmbeddingFile_SettingsAndLabels_AreNone(string name, bool expected) => Assert.Equal(expected, DatasetCatalog.IsEmbeddingFile(name));

    [Fact]
    public async Task List_Folder_TakesNestedFilesInOrderAndLeavesOutTheRest()
    {
        DatasetListing listing = await Uploads("a/2.npy", "a/1/x.npy", "a/10.npy", "a/training.json", "a/labels.csv", "a/.part", "a-b/y.npy", "ab.npy", "a.b.npy")
            .ListAsync("a", Cancel);
        Assert.Equal(["a/1/x.npy", "a/10.npy", "a/2.npy"], listing.Files.Select(f => f.Name));
        Assert.Equal("a/training.json"u8.ToArray(), listing.TrainingJson);
        Assert.Matches("^a-[0-9a-f]{16}$", listing.RunId());
    }

    [Theory]
    [InlineData("a.npy")]
    [InlineData("a")]
    public async Task List_OneFileAtTheRoot_IsTheDataset(string file) =>
        Assert.Equal(file, Assert.Single((await Uploads(file, "b.npy").ListAsync("a", Cancel)).Files).Name);

    [Fact]
    public async Task List_FileAtTheRootAndSettingsInTheFolder_GoTogether()
    {
        DatasetListing listing = await Uploads("a.npy", "a/training.json").ListAsync("a", Cancel);
        Assert.Equal("a.npy", Assert.Single(listing.Files).Name);
        Assert.NotNull(listing.TrainingJson);
    }

    [Theory]
    [InlineData("a.npy", "a.jsonl")]
    [InlineData("a.npy", "a/x.npy")]
    public async Task List_TwoUploadsClaimTheDataset_NamesBoth(string first, string second)
    {
        var e = await Assert.ThrowsAsync<DatasetException>(() => Uploads(first, second).ListAsync("a", Cancel));
        Assert.Equal("ambiguous-dataset", e.Type.Code);
        Assert.Contains("a.npy", e.Message, StringComparison.Ordinal);
        Assert.Contains(second.Contains('/', StringComparison.Ordinal) ? "a/" : "a.jsonl", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../a", "invalid-dataset-name")]
    [InlineData("..", "invalid-dataset-name")]
    [InlineData("/etc", "invalid-dataset-name")]
    [InlineData(".tmp", "invalid-dataset-name")]
    [InlineData("none", "dataset-not-found")]
    [InlineData("only-settings", "dataset-not-found")]
    public async Task List_NoSuchDataset_SaysWhy(string dataset, string code)
    {
        DatasetCatalog catalog = Uploads("a.npy", "only-settings/training.json");
        Assert.Equal(code, (await Assert.ThrowsAsync<DatasetException>(() => catalog.ListAsync(dataset, Cancel))).Type.Code);
    }

    [Fact]
    public async Task List_HugeTrainingJson_IsRefusedUnread()
    {
        DatasetCatalog catalog = Uploads("a/x.npy");
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "a/training.json"), new byte[1 << 20], Cancel);
        Assert.Equal("invalid-recipe", (await Assert.ThrowsAsync<RecipeException>(() => catalog.ListAsync("a", Cancel))).Type.Code);
    }

    [Fact]
    public void Id_AnyChange_GivesAnother()
    {
        var one = new DatasetListing("a", [new DatasetFile("a/x", 1, "e")], null);
        DatasetListing[] all =
        [
            one,
            one with { Files = [new DatasetFile("a/y", 1, "e")] },
            one with { Files = [new DatasetFile("a/x", 2, "e")] },
            one with { Files = [new DatasetFile("a/x", 1, "f")] },
            one with { Files = [new DatasetFile("a/x\n1\ne\na/x", 1, "e")] },
            one with { Files = [new DatasetFile("a/x", 1, "e"), new DatasetFile("a/x", 1, "e")] },
            one with { TrainingJson = [] },
            one with { TrainingJson = [1] },
        ];
        Assert.Equal(all.Length, all.Select(l => l.Id()).Distinct().Count());
        Assert.Equal(one.Id(), (one with { Files = [new DatasetFile("a/x", 1, "e")] }).Id());
    }
}
