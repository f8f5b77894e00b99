using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Search;
using HierEmbed.Serving.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace HierEmbed.Serving.Tests;

/// <summary>When the index of a served version is built, and when the one in the scratch folder will do.</summary>
public sealed class StoredIndexTests : IDisposable
{
    private const int Latents = 64;

    private readonly string folder = Directory.CreateTempSubdirectory("hierembed-index-test").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Open_SameCodesAgain_IsNotBuiltAgain()
    {
        ModelManifest manifest = TestManifest();
        using CodeFile codes = Codes("a.codes", manifest.ModelId, SearchIndex.ScannedRows + 1, seed: 1);
        using (SearchIndex first = Indexes().Open(manifest, [codes], null, Cancellation))
            Assert.Equal(codes.Rows, first.Rows);
        string path = Assert.Single(Directory.GetFiles(folder, "*.index"));
        DateTime written = File.GetLastWriteTimeUtc(path);
        using (SearchIndex again = Indexes().Open(manifest, [codes], null, Cancellation))
            Assert.Equal(codes.Code(5).Indices, again.Code(5).Indices);
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        using CodeFile others = Codes("b.codes", manifest.ModelId, SearchIndex.ScannedRows + 2, seed: 2);
        using SearchIndex replaced = Indexes().Open(manifest, [others], null, Cancellation);
        Assert.Equal((others.Rows, SearchIndex.SourceOf([others])), (replaced.Rows, replaced.Source));
        Assert.Single(Directory.GetFiles(folder, "*.index"));
    }

    [Fact]
    public void Open_OtherCodesWhileTheOldIndexIsSearched_BothCanBeRead()
    {
        ModelManifest manifest = TestManifest();
        using CodeFile codes = Codes("a.codes", manifest.ModelId, SearchIndex.ScannedRows + 1, seed: 1), others = Codes("b.codes", manifest.ModelId, SearchIndex.ScannedRows + 2, seed: 2);
        using SearchIndex old = Indexes().Open(manifest, [codes], null, Cancellation);
        using SearchIndex replaced = Indexes().Open(manifest, [others], null, Cancellation);
        Assert.Equal(codes.Code(9000).Indices, old.Code(9000).Indices);
        Assert.Equal(others.Code(9000).Indices, replaced.Code(9000).Indices);
        Assert.Equal(SearchIndex.SourceOf([others]), replaced.Source);
        Assert.Contains(Directory.GetFiles(folder, "*.index"), path => path.EndsWith($".{replaced.Source:x16}.index", StringComparison.Ordinal));
    }

    [Fact]
    public void Open_AnotherVersion_LeavesTheFilesOfTheFirstUntilThatIsDeleted()
    {
        ModelManifest first = TestManifest(), second = TestModels.Manifest("a", [], "0123456789abcdef");
        using CodeFile codes = Codes("a.codes", first.ModelId, SearchIndex.ScannedRows + 1, seed: 1), others = Codes("b.codes", second.ModelId, SearchIndex.ScannedRows + 1, seed: 2);
        string unfinished = Path.Combine(folder, "hierembed.d.0123456789abcdef.0.index.1.tmp"), writing = Path.Combine(folder, "hierembed.d.0123456789abcdef.0.index.2.tmp");
        File.WriteAllBytes(unfinished, []);
        File.SetLastWriteTimeUtc(unfinished, DateTime.UtcNow.AddDays(-2));
        File.WriteAllBytes(writing, []);
        Indexes().Open(first, [codes], null, Cancellation).Dispose();
        string path = Assert.Single(Directory.GetFiles(folder, "*.index"));
        Indexes().Open(second, [others], null, Cancellation).Dispose();
        Assert.Equal(2, Directory.GetFiles(folder, "*.index").Length);
        Assert.Equal([writing], Directory.GetFiles(folder, "*.tmp"));
        Indexes().Delete(first.Dataset, first.Version);
        Assert.False(File.Exists(path));
        Assert.Single(Directory.GetFiles(folder, "*.index"));
    }

    [Fact]
    public void Open_DamagedFile_IsBuiltAgain()
    {
        ModelManifest manifest = TestManifest();
        using CodeFile codes = Codes("a.codes", manifest.ModelId, SearchIndex.ScannedRows + 1, seed: 1);
        Indexes().Open(manifest, [codes], null, Cancellation).Dispose();
        string path = Assert.Single(Directory.GetFiles(folder, "*.index"));
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        using (SearchIndex repaired = Indexes().Open(manifest, [codes], null, Cancellation))
            Assert.Equal(codes.Code(9000).Values, repaired.Code(9000).Values);
        File.WriteAllBytes(path, bytes[..100]);
        using SearchIndex again = Indexes().Open(manifest, [codes], null, Cancellation);
        Assert.Equal(codes.Code(9000).Values, again.Code(9000).Values);
    }

    [Fact]
    public void Open_FewRows_LeavesNoFile()
    {
        ModelManifest manifest = TestManifest();
        using CodeFile codes = Codes("a.codes", manifest.ModelId, 100, seed: 1);
        using SearchIndex index = Indexes().Open(manifest, [codes], null, Cancellation);
        Assert.Empty(Directory.GetFiles(folder, "*.index"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private StoredIndexes Indexes() => new(new HierEmbedOptions { ScratchPath = folder }, NullLogger.Instance);

    private static ModelManifest TestManifest() => TestModels.Manifest("a", []);

    private CodeFile Codes(string name, string modelId, int rows, int seed)
    {
        string path = Path.Combine(folder, name);
        var format = PackedCodeFormat.ForK(Latents, 2, new ValueGrid([0.5f, 1]));
        var random = new Random(seed);
        using (FileStream target = File.Create(path))
        using (var writer = new CodeFileWriter(target, modelId, CodeCoding.Encoder, format))
        {
            for (int row = 0; row < rows; row++)
            {
                int first = random.Next(Latents - 1);
                writer.Add(new SparseCode(Latents, [first, first + 1], [0.5f, 1], 1));
            }
            writer.Complete();
        }
        return CodeFile.Open(path);
    }
}
