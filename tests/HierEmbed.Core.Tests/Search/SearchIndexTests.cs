using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Search;
using HierEmbed.Core.Tests.Codes.Pursuit;

namespace HierEmbed.Core.Tests.Search;

/// <summary>What an index is built of, and how large it will be.</summary>
public sealed class SearchIndexTests : IDisposable
{
    private const int Dims = 24, Latents = 96;

    private static readonly LinearDecoder Dictionary = Dictionaries.Make(Latents, Dims, seed: 3);

    private readonly WrittenCodes written = new(Dictionary);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Build_CodesOfAnotherModel_AreRefused()
    {
        CodeFile file = written.Write(Clusters.Rows(5, Dims, 1), 3);
        Assert.Throws<ArgumentException>(() => SearchIndex.Build([file, written.Write(Clusters.Rows(5, Dims, 1), 3, "other-model")], Dictionary, 0, Cancellation));
        Assert.Throws<ArgumentException>(() => SearchIndex.Build([file], new LinearDecoder("other-model", [.. Dictionary.Atoms], [.. Dictionary.Mean]), 0, Cancellation));
        Assert.Throws<ArgumentException>(() => new CodeSearch(SearchIndex.Build([file], Dictionary, 0, Cancellation), Dictionary, new MemoryVectorRows(new float[4 * Dims], Dims)));
        Assert.Throws<ArgumentException>(() => new CodeSearch(SearchIndex.Build([file], Dictionary, 0, Cancellation), new LinearDecoder("other-model", [.. Dictionary.Atoms], [.. Dictionary.Mean])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(20_000)]
    public void ForecastBytes_HeadersAlone_IsNeverTooLow(int rows)
    {
        CodeFile[] files = [written.Write(Clusters.Rows(rows, Dims, 1), 5), written.Write(Clusters.Rows(100, Dims, 2), 9)];
        long forecast = SearchIndex.ForecastBytes(Latents, Dims, CodeCoding.Pursuit, files.Select(IndexedCodes.Of)), real = SearchIndex.Build(files, Dictionary, 0, Cancellation).Bytes;
        Assert.InRange(forecast, real, real + 45_000 + (rows * 3));
    }

    [Fact]
    public void ForecastBytes_MillionsOfRows_CountsEveryBlock()
    {
        // 18 blocks: 65,536 rows each and what is left, in two files.
        long bytes = SearchIndex.ForecastBytes(4096, 1024, CodeCoding.Pursuit, [new IndexedCodes(1_000_000, 32), new IndexedCodes(100_000, 32)]);
        // A record and a sketch each.
        Assert.InRange(bytes, 1_100_000L * ((3 * 32) + 10 + 16), (long)(1.05 * 1_100_000L * ((3 * 32) + 10 + 16)));
    }

    /// <summary>The index joins files of the same levels, and so does its forecast, however many there are.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(65_536)]
    [InlineData(70_000)]
    public void ForecastBytes_RowsInManyFiles_AsMuchAsInOne(int shardRows)
    {
        var grid = new ValueGrid([0.25f, 1]);
        const int rows = 1_000_000;
        IndexedCodes[] shards = [.. Enumerable.Range(0, (rows + shardRows - 1) / shardRows).Select(i => new IndexedCodes(Math.Min(shardRows, rows - (i * shardRows)), 32, grid))];
        long one = SearchIndex.ForecastBytes(4096, 1024, CodeCoding.Pursuit, [new IndexedCodes(rows, 32, grid)]);
        Assert.Equal(one, SearchIndex.ForecastBytes(4096, 1024, CodeCoding.Pursuit, shards));
    }

    [Fact]
    public void ForecastBytes_LevelsThatAlternate_ABlockEach()
    {
        IndexedCodes[] files = [.. Enumerable.Range(0, 10).Select(i => new IndexedCodes(70_000, 32, new ValueGrid([0.25f, 1 + (i % 2)])))];
        long axesAndLevels = SearchIndex.ForecastBytes(4096, 1024, CodeCoding.Pursuit, files) - (700_000L * (10 + (32 * 3)));
        // 65,536 rows and what is left of each: 4,464 rows in 70 groups of 64.
        Assert.Equal((20 * 256 * 4) + (10 * (65_536 + (70 * 64)) * 16) + SketchAxes.MostBytes(1024, 4096), axesAndLevels);
    }

    [Fact]
    public void ForecastBytes_ManyFilesOfOneFormat_AsManyBlocksAsAreBuilt()
    {
        CodeFile[] files = [.. Enumerable.Range(0, 60).Select(i => written.Write(Clusters.Rows(300, Dims, i), 5))];
        SearchIndex index = SearchIndex.Build(files, Dictionary, 0, Cancellation);
        Assert.Single(index.Blocks);
        Assert.InRange(SearchIndex.ForecastBytes(Latents, Dims, CodeCoding.Pursuit, files.Select(IndexedCodes.Of)), index.Bytes, index.Bytes + 10_000);
    }

    public void Dispose() => written.Dispose();
}
