using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Tests.Codes.Packed;

public sealed class PackingTableTests
{
    private const int LatentDims = 300;

    [Fact]
    public void Fit_LengthsAndK_AreFoundAndComeBackFromJson()
    {
        PackingTable table = PackingTable.Parse(PackingTable.Fit(LatentDims, [32, 1, 16, 32], CodesAt, k: 7).ToJson(), "packing.json");

        Assert.Equal(3, table.Formats.Count);
        Assert.Null(table.Find(1));
        Assert.Equal((32, LatentDims), (table.Find(32)!.BytesPerVector, table.Find(32)!.LatentDims));
        PackedCodeFormat expected = PackedCodeFormat.FitForK(LatentDims, 7, CodesAt), found = table.FindK(7)!;
        Assert.Equal((7, expected.BytesPerVector), (found.K, found.BytesPerVector));
        Assert.Equal(expected.Grid.Levels, found.Grid.Levels);
        Assert.Null(table.FindK(6));
        Assert.True(table.Formats.Zip(table.Formats.Skip(1)).All(pair => pair.First.BytesPerVector <= pair.Second.BytesPerVector));
    }

    /// <summary>A row of a longer format holds k components too, and more bytes than they need.</summary>
    [Fact]
    public void FindK_OnlyInRowsThatAreLongerThanNeeded_IsNone()
    {
        PackedCodeFormat longer = PackedCodeFormat.ForK(LatentDims, 7, ValueGrid.Fit(3, CodesAt(7)));
        var table = new PackingTable(LatentDims, [StoredPacking.Of(longer) with { BytesPerVector = longer.BytesPerVector + 1 }]);
        Assert.Null(table.FindK(7));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("""{"latentDims":300,"formats":[{"bytesPerVector":2,"k":7,"levels":[0.1,0.2]}]}""")]
    [InlineData("""{"latentDims":300,"formats":[{"bytesPerVector":32,"k":7,"levels":[0.2,0.1]}]}""")]
    public void Parse_NoTable_IsRefused(string json)
    {
        ModelException e = Assert.Throws<ModelException>(() => PackingTable.Parse(System.Text.Encoding.UTF8.GetBytes(json), "packing.json"));
        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
        Assert.StartsWith("packing.json", e.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<SparseCode> CodesAt(int k)
    {
        var random = new Random(3);
        for (int row = 0; row < 200; row++)
        {
            int[] indices = [.. Enumerable.Range(0, LatentDims).OrderBy(_ => random.Next()).Take(k).Order()];
            yield return new SparseCode(LatentDims, indices, [.. indices.Select(_ => random.NextSingle() - 0.5f)], 1);
        }
    }
}
