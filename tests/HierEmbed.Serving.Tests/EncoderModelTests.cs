using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Tests.Support;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Tests;

public sealed class EncoderModelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    [InlineData("raw")]
    public async Task Encode_GoldenGraph_EqualsNumPy(string graph)
    {
        var store = new MemoryStore();
        string version = await TestModels.PublishAsync(store, graph);
        using EncoderModel model = await EncoderModelLoader.LoadAsync(store, TestModels.Dataset, version, 1, Cancellation);
        float[][] expected = Golden.PreActivations(graph);
        int rows = 0;
        model.Encode(Golden.Rows.SelectMany(r => r).ToArray(), Golden.Rows.Length, (row, found) =>
        {
            Assert.Equal(rows++, row);
            for (int i = 0; i < Golden.LatentDims; i++)
                Assert.Equal(expected[row][i], found[i], 1e-5f); // float32 sums of 8 products against float64
        });
        Assert.Equal(Golden.Rows.Length, rows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Encode_MoreRowsThanAChunk_EachRowInOrder(int threads)
    {
        var store = new MemoryStore();
        string version = await TestModels.PublishAsync(store);
        using EncoderModel model = await EncoderModelLoader.LoadAsync(store, TestModels.Dataset, version, threads, Cancellation);
        const int Rows = (EncoderModel.ChunkRows * 2) + 7;
        float[] input = [.. Enumerable.Range(0, Rows).SelectMany(r => Golden.Rows[r % 5])];
        var codes = model.EncodeToCodes(input, Rows, 4);
        for (int row = 0; row < Rows; row++)
            Assert.Equal(Golden.Code("a", row % 5, 4).Indices, codes[row].Indices);
    }

    [Fact]
    public async Task LoadFolder_PublishedFolder_Encodes()
    {
        string folder = Directory.CreateTempSubdirectory("hierembed-").FullName;
        try
        {
            byte[] graph = TestModels.Graph("a");
            await File.WriteAllBytesAsync(Path.Combine(folder, Layout.EncoderFile), graph, Cancellation);
            await File.WriteAllBytesAsync(Path.Combine(folder, Layout.ManifestFile),
                System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(TestModels.Manifest("a", graph), Core.Json.Indented), Cancellation);
            using EncoderModel model = await EncoderModelLoader.LoadFolderAsync(folder, 0, Cancellation);
            Assert.Equal((8, 16, 4, true), (model.InputDims, model.LatentDims, model.DefaultK, model.NormalizesRows));
            Assert.Throws<ArgumentException>(() => model.Encode(new float[7], 1, (_, _) => { }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task LoadFolder_NoManifest_ModelNotFound()
    {
        string folder = Directory.CreateTempSubdirectory("hierembed-").FullName;
        ModelException e = await Assert.ThrowsAsync<ModelException>(() => EncoderModelLoader.LoadFolderAsync(folder, 0, Cancellation));
        Directory.Delete(folder);
        Assert.Equal(ProblemTypes.ModelNotFound, e.Type);
    }

    public static TheoryData<string> Damages => new(["flipped byte", "no graph", "not listed", "newer format", "not json", "other model", "other dims", "not onnx"]);

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Load_DamagedVersion_CorruptArtifact(string damage)
    {
        byte[] graph = TestModels.Graph("a");
        ModelManifest manifest = TestModels.Manifest("a", graph);
        byte[]? stored = graph;
        switch (damage)
        {
            case "flipped byte": stored = [.. graph]; stored[^1] ^= 1; break;
            case "no graph": stored = null; break;
            case "not listed": manifest = manifest with { Files = new Dictionary<string, string>() }; break;
            case "newer format": manifest = manifest with { FormatVersion = 2 }; break;
            case "other model": stored = TestModels.Graph("a", TestModels.B); manifest = TestModels.Manifest("a", stored); break;
            case "other dims": manifest = manifest with { Recipe = manifest.Recipe with { LatentDims = 32 } }; break;
            case "not onnx": stored = [1, 2, 3]; manifest = TestModels.Manifest("a", stored); break;
        }
        byte[] json = damage == "not json" ? "{"u8.ToArray() : System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(manifest, Core.Json.Compact);
        ModelException e = await Assert.ThrowsAsync<ModelException>(() => EncoderModelLoader.LoadAsync(
            (name, _) => Task.FromResult(name == Layout.ManifestFile ? json : stored), "model \"words\"", 1, Cancellation));
        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
        Assert.InRange(e.Message.Length, 20, 299);
    }
}
