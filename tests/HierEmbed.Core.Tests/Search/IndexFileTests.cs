using System.Buffers.Binary;
using System.IO.Hashing;
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

    /// <summary>More directions than there may be axes, all alike: products are taken whole, in memory and from a file.</summary>
    [Fact]
    public async Task Open_SavedIndexWhoseAxesHoldTooLittle_FindsTheSame()
    {
        const int dims = 384, rows = SearchIndex.ScannedRows + 100;
        float[] atoms = new float[dims * dims];
        for (int d = 0; d < dims; d++)
            atoms[(d * dims) + d] = 1;
        var dictionary = new LinearDecoder("m", atoms, new float[dims]);
        var random = new Random(1);
        SparseCode[] codes = [.. Enumerable.Range(0, rows).Select(_ => new SparseCode(dims, [random.Next(dims / 2), (dims / 2) + random.Next(dims / 2)], [0.6f, random.Next(2) == 0 ? 0.8f : -0.8f], 1))];
        float[] vectors = new float[rows * dims];
        for (int row = 0; row < rows; row++)
            dictionary.Decode(codes[row], vectors.AsSpan(row * dims, dims));
        using SearchIndex built = SearchIndex.Build(codes, dims, CodeCoding.Pursuit, dictionary, 0, Cancellation);
        built.Save(path);
        using SearchIndex opened = SearchIndex.Open(path);
        Assert.NotNull(built.Axes);
        Assert.Null(built.Axes.Atoms);
        Assert.NotNull(opened.Axes);
        Assert.Null(opened.Axes.Atoms);
        CodeSearch search = new(built, dictionary, new MemoryVectorRows(vectors, dims)), again = new(opened, dictionary, new MemoryVectorRows(vectors, dims));
        foreach (Rerank rerank in new[] { Rerank.Full, Rerank.Codes, Rerank.None })
        {
            var query = new SearchQuery(vectors[(77 * dims)..(78 * dims)]);
            SearchResult found = await search.SearchAsync(query, SearchOptions.Oversampled(10, rerank: rerank), Cancellation);
            Assert.Equal(found.Neighbours, (await again.SearchAsync(query, SearchOptions.Oversampled(10, rerank: rerank), Cancellation)).Neighbours);
            if (rerank == Rerank.None)
                continue;
            // Itself, or a row with the same code; its code's score is that of the whole code.
            Assert.Equal(1, found.Neighbours[0].Score, 1e-5f);
            Assert.All(found.Neighbours, n => Assert.Equal(CodeSimilarity.Cosine(query.Vector!, vectors.AsSpan(n.Row * dims, dims)), n.CodeScore, 0.01f));
        }
    }

    /// <summary>Checksums that fit do not help: every number that is a place is looked at.</summary>
    [Fact]
    public void Verify_OtherNumbersUnderFittingChecksums_IsRefused()
    {
        byte[] whole = Saved(CodeCoding.Encoder);
        // As IndexFileLayout says; the model id is empty, and there is one block.
        const int axes = IndexFileLayout.FixedHeaderBytes, block = axes + IndexFileLayout.SectionBytes;
        int rows = Read(whole, block + 4), section = Read(whole, block + 20), records = section + (int)IndexFileLayout.Align(4L * Read(whole, block + 12));
        int starts = records + (int)IndexFileLayout.Align((long)rows * CodeRecords.BytesOf(Read(whole, block + 8))) + IndexFileLayout.Alignment;
        int postings = starts + (int)IndexFileLayout.Align(4 * ((Latents * PostingLists.ListsPerLatent) + 1));
        AssertAccepted(whole, section);
        foreach ((int place, int number) in new[]
        {
            // Rows, coding, latents, dimensions, axes, atoms, blocks, length of the model id.
            (16, rows + 1), (16, -1), (32, 7), (32, 0), (36, Latents - 1), (36, 0), (40, -1), (44, 1), (48, 2), (52, 2), (52, -1), (56, -1), (56, 70_000),
            // The block's first row, rows, k, levels, postings, place and length.
            (block, 1), (block + 4, rows - 1), (block + 4, 0), (block + 8, 3), (block + 8, 65_536), (block + 12, 0), (block + 12, 257), (block + 16, 1), (block + 20, 0), (block + 28, 64),
            // A record's components, where lists begin, a row in a list.
            (records + 8, 0x00000003), (starts + 4, -1), (starts + 4, int.MaxValue), (postings, rows),
        })
        {
            byte[] changed = [.. whole];
            BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(place), number);
            File.WriteAllBytes(path, WithChecksums(changed, section));
            AssertCorrupt(() =>
            {
                using SearchIndex opened = SearchIndex.Open(path);
                opened.Verify();
            });
        }
    }

    [Fact]
    public void Dispose_OpenedIndex_IsNotReadAnyMore()
    {
        Saved(CodeCoding.Pursuit);
        SearchIndex opened = SearchIndex.Open(path);
        opened.Verify();
        opened.Dispose();
        Assert.Throws<ObjectDisposedException>(() => opened.Code(0));
        Assert.Throws<ObjectDisposedException>(() => opened.Axes);
        SearchIndex unread = SearchIndex.Open(path);
        unread.Dispose();
        Assert.Throws<ObjectDisposedException>(unread.Verify);
    }

    /// <summary>Records' own check, number by number.</summary>
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

    private static int Read(byte[] file, int place) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(place));

    private static byte[] WithChecksums(byte[] file, int section)
    {
        const int block = IndexFileLayout.FixedHeaderBytes + IndexFileLayout.SectionBytes;
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(block + 36), XxHash3.HashToUInt64(file.AsSpan(section..^IndexFileLayout.FooterBytes)));
        ulong header = XxHash3.HashToUInt64(file.AsSpan(0, section - IndexFileLayout.HashBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(section - IndexFileLayout.HashBytes), header);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(file.Length - IndexFileLayout.FooterBytes), header);
        return file;
    }

    private void AssertAccepted(byte[] whole, int section)
    {
        byte[] same = WithChecksums([.. whole], section);
        Assert.Equal(whole, same);
        File.WriteAllBytes(path, same);
        using SearchIndex opened = SearchIndex.Open(path);
        opened.Verify();
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
