using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Search;
using HierEmbed.Core.Tests.Codes.Pursuit;

namespace HierEmbed.Core.Tests.Search;

/// <summary>An index in a file is the index that was saved, or a typed error.</summary>
public sealed class IndexFileTests : IDisposable
{
    private const int Dims = 24, Latents = 96;

    private static readonly LinearDecoder Dictionary = Dictionaries.Make(Latents, Dims, seed: 3);

    private readonly WrittenCodes written = new(Dictionary);
    private readonly string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.index");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(20_000)]
    public async Task Open_SavedIndexOfPursuit_FindsTheSame(int rows)
    {
        CodeFile file = written.Write(Clusters.Rows(rows, Dims, 1), 4);
        using SearchIndex built = SearchIndex.Build([file], Dictionary, 0, Cancellation);
        built.Save(path);
        using SearchIndex opened = SearchIndex.Open(path);
        Assert.Equal((built.Rows, built.LatentDims, built.Coding, built.ModelId, built.Source, built.Bytes), (opened.Rows, opened.LatentDims, opened.Coding, opened.ModelId, opened.Source, opened.Bytes));
        Assert.Equal(SearchIndex.SourceOf([file]), opened.Source);
        foreach (Rerank rerank in new[] { Rerank.Codes, Rerank.None })
        {
            foreach (float[] query in Clusters.Rows(5, Dims, 2).Chunk(Dims))
            {
                SearchResult expected = await new CodeSearch(built, Dictionary).SearchAsync(new SearchQuery(query), SearchOptions.Oversampled(10, rerank: rerank), Cancellation);
                SearchResult found = await new CodeSearch(opened, Dictionary).SearchAsync(new SearchQuery(query), SearchOptions.Oversampled(10, rerank: rerank), Cancellation);
                Assert.Equal(expected.Neighbours, found.Neighbours);
            }
        }
    }

    [Fact]
    public async Task Open_SavedIndexOfTheEncoder_FindsTheSame()
    {
        SparseCode[] codes = EncoderCodes(20_000);
        using SearchIndex built = SearchIndex.Build(codes, Latents, CodeCoding.Encoder, null, 0, Cancellation);
        built.Save(path);
        using SearchIndex opened = SearchIndex.Open(path);
        var query = new SearchQuery(null, codes[7]);
        SearchResult expected = await new CodeSearch(built, null).SearchAsync(query, SearchOptions.Oversampled(10, rerank: Rerank.Codes), Cancellation);
        Assert.Equal(expected.Neighbours, (await new CodeSearch(opened, null).SearchAsync(query, SearchOptions.Oversampled(10, rerank: Rerank.Codes), Cancellation)).Neighbours);
    }

    [Theory]
    [InlineData(CodeCoding.Pursuit)]
    [InlineData(CodeCoding.Encoder)]
    public void Open_FileThatIsCutOff_IsRefused(CodeCoding coding)
    {
        byte[] whole = Saved(coding);
        foreach (int length in new[] { 0, 1, 7, 63, 64, 79, 80, 200, whole.Length / 2, whole.Length - 64, whole.Length - 16, whole.Length - 1 })
        {
            File.WriteAllBytes(path, whole[..length]);
            AssertCorrupt(() => SearchIndex.Open(path).Dispose());
        }
    }

    [Theory]
    [InlineData(CodeCoding.Pursuit)]
    [InlineData(CodeCoding.Encoder)]
    public void Verify_AnyByteChanged_IsRefused(CodeCoding coding)
    {
        byte[] whole = Saved(coding);
        var random = new Random(5);
        int[] places = [.. Enumerable.Range(0, 320), .. Enumerable.Range(0, 60).Select(_ => random.Next(whole.Length)), .. Enumerable.Range(whole.Length - 16, 16)];
        foreach (int place in places)
        {
            byte[] changed = [.. whole];
            changed[place] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, changed);
            AssertCorrupt(() =>
            {
                using SearchIndex opened = SearchIndex.Open(path);
                opened.Verify();
            });
        }
    }

    /// <summary>Checksums that fit do not help: every place is looked at.</summary>
    [Fact]
    public void Fault_RecordsOfOtherCodes_AreNamed()
    {
        byte[] record = new byte[CodeRecords.BytesOf(2)];
        float[] levels = [0.5f, 1];
        CodeRecords.Put(record, 2, [3, 5], [0, 1], 1, 1);
        Assert.Null(new CodeRecords(record, 2, levels).Fault(6));
        Assert.NotNull(new CodeRecords(record, 2, levels).Fault(5));
        CodeRecords.Put(record, 2, [3, 5], [0, 2], 1, 1);
        Assert.NotNull(new CodeRecords(record, 2, levels).Fault(6));
        CodeRecords.Put(record, 2, [3, 5], [0, 1], float.NaN, 1);
        Assert.NotNull(new CodeRecords(record, 2, levels).Fault(6));
        CodeRecords.Put(record, 2, [3, 5], [0, 1], 1, 1);
        record[8] = 3;
        Assert.NotNull(new CodeRecords(record, 2, levels).Fault(6));
    }

    public void Dispose()
    {
        written.Dispose();
        File.Delete(path);
    }

    private byte[] Saved(CodeCoding coding)
    {
        const int rows = SearchIndex.ScannedRows + 100;
        using SearchIndex built = coding == CodeCoding.Encoder
            ? SearchIndex.Build(EncoderCodes(rows), Latents, coding, null, 0, Cancellation)
            : SearchIndex.Build([written.Write(Clusters.Rows(rows, Dims, 1), 2)], Dictionary, 0, Cancellation);
        built.Save(path);
        return File.ReadAllBytes(path);
    }

    private static SparseCode[] EncoderCodes(int rows)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            int first = random.Next(Latents - 2);
            return new SparseCode(Latents, [first, first + 1 + random.Next(Latents - first - 1)], [0.6f, 0.8f], 1);
        })];
    }

    private static void AssertCorrupt(Action open)
    {
        ModelException e = Assert.Throws<ModelException>(open);
        Assert.Equal(ProblemTypes.CorruptArtifact, e.Type);
        Assert.True(e.Message.Length < 300, e.Message);
    }
}
