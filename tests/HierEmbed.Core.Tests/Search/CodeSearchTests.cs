using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Search;
using HierEmbed.Core.Tests.Codes.Pursuit;

namespace HierEmbed.Core.Tests.Search;

public sealed class CodeSearchTests : IDisposable
{
    private const int Dims = 24, Latents = 96;

    private static readonly LinearDecoder Dictionary = Dictionaries.Make(Latents, Dims, seed: 3);

    private readonly WrittenCodes written = new(Dictionary);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1, 10)]
    [InlineData(3, 4, 10)]
    [InlineData(500, 1, 10)]
    [InlineData(500, 6, 10)]
    [InlineData(500, 6, 1)]
    public async Task SearchAsync_EveryRowScored_FindsWhatTheScorerFinds(int rows, int k, int topK)
    {
        CodeFile file = written.Write(Clusters.Rows(rows, Dims, 1), k);
        var search = new CodeSearch(SearchIndex.Build([file], Dictionary, 0, Cancellation), Dictionary);
        float[] queries = Clusters.Rows(20, Dims, 2);
        for (int q = 0; q < 20; q++)
        {
            float[] query = queries[(q * Dims)..((q + 1) * Dims)];
            SearchResult found = await search.SearchAsync(new SearchQuery(query), SearchOptions.Oversampled(topK, rerank: Rerank.Codes), Cancellation);
            AssertSame(BruteForce(file, query, topK), found.Neighbours);
            Assert.Equal(Math.Min(rows, 10 * topK), found.ShortlistRows);
        }
    }

    [Fact]
    public async Task SearchAsync_FullRerank_OrdersByCosineAndKeepsTheCodesScore()
    {
        float[] rows = Clusters.Rows(300, Dims, 1);
        CodeFile file = written.Write(rows, 4);
        // Of any length: only the direction counts.
        var search = new CodeSearch(SearchIndex.Build([file], Dictionary, 0, Cancellation), Dictionary, new MemoryVectorRows(rows.Select((value, at) => value * (1 + (at / Dims % 3))).ToArray(), Dims));
        float[] query = Clusters.Rows(1, Dims, 5);
        SearchResult found = await search.SearchAsync(new SearchQuery(Array.ConvertAll(query, value => 7 * value)), new SearchOptions(5, 300, Rerank.Full), Cancellation);
        float[] cosines = [.. Enumerable.Range(0, 300).Select(row => CodeSimilarity.Cosine(query, rows.AsSpan(row * Dims, Dims)))];
        Assert.Equal(Enumerable.Range(0, 300).OrderByDescending(row => cosines[row]).Take(5), found.Neighbours.Select(n => n.Row));
        Dictionary<int, float> codeScores = BruteForce(file, query, 300).ToDictionary(n => n.Row, n => n.CodeScore);
        Assert.All(found.Neighbours, n =>
        {
            Assert.Equal(cosines[n.Row], n.Score, 1e-5f);
            Assert.Equal(codeScores[n.Row], n.CodeScore, 1e-5f);
        });
    }

    [Theory]
    [InlineData(Rerank.Full)]
    [InlineData(Rerank.Codes)]
    [InlineData(Rerank.None)]
    public async Task SearchAsync_EqualRows_LowerRowsFirst(Rerank rerank)
    {
        float[] one = Clusters.Rows(1, Dims, 1);
        float[] rows = [.. Enumerable.Repeat(one, 40).SelectMany(row => row)];
        var search = new CodeSearch(SearchIndex.Build([written.Write(rows, 3)], Dictionary, 0, Cancellation), Dictionary, new MemoryVectorRows(rows, Dims));
        SearchResult found = await search.SearchAsync(await search.QueryOfRowAsync(2, Cancellation), new SearchOptions(5, 20, rerank), Cancellation);
        Assert.Equal([0, 1, 3, 4, 5], found.Neighbours.Select(n => n.Row));
    }

    [Fact]
    public async Task SearchAsync_FewerRowsThanAskedFor_GivesAllButTheQuery()
    {
        float[] rows = Clusters.Rows(3, Dims, 1);
        var search = new CodeSearch(SearchIndex.Build([written.Write(rows, 3)], Dictionary, 0, Cancellation), Dictionary, new MemoryVectorRows(rows, Dims));
        SearchResult found = await search.SearchAsync(await search.QueryOfRowAsync(1, Cancellation), SearchOptions.Oversampled(10), Cancellation);
        Assert.Equal([0, 2], found.Neighbours.Select(n => n.Row).Order());
        Assert.Equal(2, found.ShortlistRows);
    }

    [Fact]
    public async Task SearchAsync_OneRowThatIsTheQuery_FindsNothing()
    {
        var search = new CodeSearch(SearchIndex.Build([written.Write(Clusters.Rows(1, Dims, 1), 3)], Dictionary, 0, Cancellation), Dictionary);
        SearchResult found = await search.SearchAsync(await search.QueryOfRowAsync(0, Cancellation), SearchOptions.Oversampled(10, rerank: Rerank.Codes), Cancellation);
        Assert.Empty(found.Neighbours);
    }

    [Fact]
    public async Task SearchAsync_CodeThatDecodesToNothing_ScoresZero()
    {
        var dictionary = new LinearDecoder("m", [1, 0, 0, 1], [0, 0]);
        SearchIndex index = SearchIndex.Build([new SparseCode(2, [], [], 0), new SparseCode(2, [0], [0.5f], 0.5f), new SparseCode(2, [0], [-1f], 1)], 2, CodeCoding.Pursuit, dictionary, 0, Cancellation);
        SearchResult found = await new CodeSearch(index, dictionary).SearchAsync(new SearchQuery([2, 0]), SearchOptions.Oversampled(3, rerank: Rerank.Codes), Cancellation);
        Assert.Equal([new Neighbour(1, 1, 1), new Neighbour(0, 0, 0), new Neighbour(2, -1, -1)], found.Neighbours);
    }

    [Theory]
    // Sketches of all axes there are, and of the strongest ones.
    [InlineData(96, 24)]
    [InlineData(512, 48)]
    public async Task SearchAsync_ManyRows_CandidatesHoldWhatTheScorerFinds(int latents, int dims)
    {
        const int rows = 17_000, queries = 12;
        float[] values = Clusters.Rows(rows + queries + latents, dims, 1);
        // Atoms at rows, as a training begins.
        var dictionary = new LinearDecoder("test-model", values[((rows + queries) * dims)..], new float[dims]);
        CodeFile file = written.Write(values[..(rows * dims)], 6, dictionary: dictionary);
        SearchIndex index = SearchIndex.Build([file], dictionary, 0, Cancellation);
        Assert.NotNull(index.Axes);
        var search = new CodeSearch(index, dictionary);
        double recall = 0;
        for (int q = rows; q < rows + queries; q++)
        {
            float[] query = values[(q * dims)..((q + 1) * dims)];
            IReadOnlyList<Neighbour> all = BruteForce(file, query, rows, dictionary);
            Dictionary<int, float> scores = all.ToDictionary(n => n.Row, n => n.Score);
            SearchResult found = await search.SearchAsync(new SearchQuery(query), SearchOptions.Oversampled(10, rerank: Rerank.Codes), Cancellation);
            Assert.Equal(100, found.ShortlistRows);
            // Whatever was found has the score of its whole code.
            Assert.All(found.Neighbours, n => Assert.Equal(scores[n.Row], n.CodeScore, 1e-5f));
            recall += all.Take(10).Count(best => found.Neighbours.Any(n => n.Row == best.Row)) / 10.0 / queries;
        }
        // All but what sketches cost.
        Assert.InRange(recall, 0.95, 1);
    }

    [Fact]
    public async Task SearchAsync_ManyRowsThatDecodeToNothing_FindsSome()
    {
        var dictionary = new LinearDecoder("m", [1, 0, 0, 1], [0, 0]);
        using SearchIndex index = SearchIndex.Build([.. Enumerable.Repeat(new SparseCode(2, [], [], 0), SearchIndex.ScannedRows + 1)], 2, CodeCoding.Pursuit, dictionary, 0, Cancellation);
        SearchResult found = await new CodeSearch(index, dictionary).SearchAsync(new SearchQuery([2, 0]), SearchOptions.Oversampled(3, rerank: Rerank.Codes), Cancellation);
        Assert.Equal([0f, 0, 0], found.Neighbours.Select(n => n.Score));
    }

    [Fact]
    public async Task SearchAsync_ManyRowsRerankedInFull_FindsTheNearestOfTheShortlistWhereverVectorsLie()
    {
        float[] rows = Clusters.Rows(20_000, Dims, 1);
        CodeFile file = written.Write(rows, 4);
        SearchIndex index = SearchIndex.Build([file], Dictionary, 0, Cancellation);
        foreach (SearchQuery query in Queries(10))
        {
            SearchResult near = await new CodeSearch(index, Dictionary, new MemoryVectorRows(rows, Dims)).SearchAsync(query, new SearchOptions(10, 200, Rerank.Full), Cancellation);
            SearchResult far = await new CodeSearch(index, Dictionary, new MemoryVectors(rows, Dims)).SearchAsync(query, new SearchOptions(10, 200, Rerank.Full), Cancellation);
            Assert.Equal(near.Neighbours, far.Neighbours);
            Dictionary<int, float> scores = BruteForce(file, query.Vector!, 20_000).ToDictionary(n => n.Row, n => n.Score);
            // Products along the axes in place of whole ones.
            Assert.All(near.Neighbours, n => Assert.Equal(scores[n.Row], n.CodeScore, 0.02f));
        }
    }

    [Fact]
    public async Task SearchAsync_SeveralFiles_IsASearchOfOne()
    {
        float[] rows = Clusters.Rows(20_000, Dims, 1);
        SearchIndex whole = SearchIndex.Build([written.Write(rows, 4)], Dictionary, 0, Cancellation);
        CodeFile[] parts = [written.Write(rows[..(7 * Dims)], 4), written.Write([], 4), written.Write(rows[(7 * Dims)..(15_000 * Dims)], 4), written.Write(rows[(15_000 * Dims)..], 4)];
        SearchIndex index = SearchIndex.Build(parts, Dictionary, 1, Cancellation);
        Assert.Equal((whole.Rows, whole.Bytes, 1), (index.Rows, index.Bytes, index.Blocks.Count));
        Assert.Equal(parts[2].Code(4).Indices, index.Code(11).Indices);
        Assert.Equal(parts[2].Code(4).Values, index.Code(11).Values);
        SearchQuery[] queries = Queries(10);
        SearchResult[] expected = await new CodeSearch(whole, Dictionary).SearchAsync(queries, SearchOptions.Oversampled(10, rerank: Rerank.Codes), cancellationToken: Cancellation);
        SearchResult[] found = await new CodeSearch(index, Dictionary).SearchAsync(queries, SearchOptions.Oversampled(10, rerank: Rerank.Codes), cancellationToken: Cancellation);
        Assert.Equal(expected.SelectMany(result => result.Neighbours), found.SelectMany(result => result.Neighbours));
    }

    [Fact]
    public async Task Build_FilesOfOtherLevels_KeepTheirOwn()
    {
        float[] rows = Clusters.Rows(200, Dims, 1);
        CodeFile[] files = [written.Write(rows[..(90 * Dims)], 4), written.Write(rows[(90 * Dims)..], 7)];
        SearchIndex index = SearchIndex.Build(files, Dictionary, 0, Cancellation);
        Assert.Equal([0, 90], index.Blocks.Select(block => block.First));
        for (int row = 0; row < 200; row++)
        {
            SparseCode expected = row < 90 ? files[0].Code(row) : files[1].Code(row - 90), found = index.Code(row);
            Assert.Equal(expected.Indices, found.Indices);
            Assert.Equal(expected.Values, found.Values);
        }
        SearchQuery query = Queries(1)[0];
        SearchResult result = await new CodeSearch(index, Dictionary).SearchAsync(query, SearchOptions.Oversampled(200, rerank: Rerank.Codes), Cancellation);
        AssertSame([.. BruteForce(files[0], query.Vector!, 200).Concat(BruteForce(files[1], query.Vector!, 200).Select(n => n with { Row = n.Row + 90 })).OrderByDescending(n => n.Score)], result.Neighbours);
    }

    [Fact]
    public async Task SearchAsync_ManyQueries_GiveWhatEachGivesAlone()
    {
        float[] rows = Clusters.Rows(20_000, Dims, 1);
        var search = new CodeSearch(SearchIndex.Build([written.Write(rows, 4)], Dictionary, 0, Cancellation), Dictionary, new MemoryVectorRows(rows, Dims));
        SearchQuery[] queries = Queries(50);
        SearchResult[] together = await search.SearchAsync(queries, SearchOptions.Oversampled(10), threads: 4, Cancellation);
        for (int q = 0; q < queries.Length; q++)
            Assert.Equal((await search.SearchAsync(queries[q], SearchOptions.Oversampled(10), Cancellation)).Neighbours, together[q].Neighbours);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(40_000)]
    public async Task SearchAsync_EncoderCodes_RanksByCosineOfCodes(int rows)
    {
        SparseCode[] codes = EncoderCodes(rows, 6, seed: 1), queries = EncoderCodes(20, 6, seed: 2);
        var search = new CodeSearch(SearchIndex.Build(codes, 400, CodeCoding.Encoder, null, 0, Cancellation), null);
        foreach (SparseCode query in queries)
        {
            SearchResult found = await search.SearchAsync(new SearchQuery(null, query), SearchOptions.Oversampled(10, rerank: Rerank.Codes), Cancellation);
            float[] cosines = Array.ConvertAll(codes, code => CodeSimilarity.Cosine(query, code));
            // Values are rounded to 1/127 of a code's largest.
            Assert.All(found.Neighbours, n => Assert.Equal(cosines[n.Row], n.Score, 0.01f));
            float tenth = cosines.OrderDescending().ElementAt(9);
            Assert.All(found.Neighbours, n => Assert.True(cosines[n.Row] > tenth - 0.02f, $"row {n.Row}: {cosines[n.Row]} for {tenth}"));
        }
    }

    [Fact]
    public async Task QueryOfRowAsync_EncoderCodesWithoutVectors_IsTheRowsCode()
    {
        SparseCode[] codes = EncoderCodes(50, 6, seed: 1);
        codes[9] = codes[3];
        var search = new CodeSearch(SearchIndex.Build(codes, 400, CodeCoding.Encoder, null, 0, Cancellation), null);
        SearchResult found = await search.SearchAsync(await search.QueryOfRowAsync(3, Cancellation), SearchOptions.Oversampled(1, rerank: Rerank.Codes), Cancellation);
        Assert.Equal(9, found.Neighbours[0].Row);
        Assert.Equal(1, found.Neighbours[0].Score, 1e-5f);
    }

    [Fact]
    public async Task SearchAsync_WhatCannotBeAnswered_IsRefusedWithReason()
    {
        SearchIndex index = SearchIndex.Build([written.Write(Clusters.Rows(20, Dims, 1), 3)], Dictionary, 0, Cancellation);
        var search = new CodeSearch(index, Dictionary);
        SearchOptions codes = SearchOptions.Oversampled(3, rerank: Rerank.Codes);
        await AssertRefusedAsync(ProblemTypes.InvalidRequest, search, new SearchQuery(new float[Dims].Select(_ => 1f).ToArray()), SearchOptions.Oversampled(3));
        await AssertRefusedAsync(ProblemTypes.WrongDimensions, search, new SearchQuery([1, 2, 3]), codes);
        await AssertRefusedAsync(ProblemTypes.ZeroRow, search, new SearchQuery(new float[Dims]), codes);
        await AssertRefusedAsync(ProblemTypes.InvalidRequest, search, new SearchQuery(null), codes);
        RequestException e = await Assert.ThrowsAsync<RequestException>(async () => await search.QueryOfRowAsync(20, Cancellation));
        Assert.Equal(ProblemTypes.RowNotFound, e.Type);
        var encoder = new CodeSearch(SearchIndex.Build(EncoderCodes(5, 3, 1), 400, CodeCoding.Encoder, null, 0, Cancellation), null);
        await AssertRefusedAsync(ProblemTypes.InvalidRequest, encoder, new SearchQuery([1, 2]), codes);
        await AssertRefusedAsync(ProblemTypes.InvalidRequest, encoder, new SearchQuery(null, new SparseCode(12, [1], [1], 1)), codes);
    }

    public void Dispose() => written.Dispose();

    private static SearchQuery[] Queries(int count)
    {
        float[] rows = Clusters.Rows(count, Dims, 2);
        return [.. Enumerable.Range(0, count).Select(q => new SearchQuery(rows[(q * Dims)..((q + 1) * Dims)]))];
    }

    /// <summary>Unit codes over 400 latents, a few of them popular.</summary>
    private static SparseCode[] EncoderCodes(int rows, int k, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            int[] latents = [.. Enumerable.Range(0, 3 * k).Select(_ => (int)(400 * random.NextDouble() * random.NextDouble())).Distinct().Take(k).Order()];
            float[] values = [.. latents.Select(_ => 0.1f + (float)random.NextDouble())];
            float norm = MathF.Sqrt(values.Sum(value => value * value));
            return new SparseCode(400, latents, Array.ConvertAll(values, value => value / norm), norm);
        })];
    }

    private static IReadOnlyList<Neighbour> BruteForce(CodeFile file, float[] query, int count, LinearDecoder? dictionary = null)
    {
        var scorer = new AsymmetricScorer(dictionary ?? Dictionary);
        ProjectedQuery projected = scorer.Project(query);
        return [.. Enumerable.Range(0, (int)file.Rows)
            .Select(row => (Row: row, Code: file.Code(row)))
            .Select(row => (row.Row, Score: AsymmetricScorer.Score(projected, row.Code, scorer.NormOf(row.Code))))
            .OrderByDescending(row => row.Score).Take(count).Select(row => new Neighbour(row.Row, row.Score, row.Score))];
    }

    private static void AssertSame(IReadOnlyList<Neighbour> expected, IReadOnlyList<Neighbour> found)
    {
        Assert.Equal(expected.Select(n => n.Row), found.Select(n => n.Row));
        // Lengths from the Gram matrix and from decoding differ in the last bits.
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-5f));
    }

    private static async Task AssertRefusedAsync(ProblemType type, CodeSearch search, SearchQuery query, SearchOptions options)
    {
        RequestException e = await Assert.ThrowsAsync<RequestException>(async () => await search.SearchAsync(query, options, Cancellation));
        Assert.Equal(type, e.Type);
        Assert.True(e.Message.Length < 300, e.Message);
    }
}
