using System.Globalization;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Numpy;
using HierEmbed.Core.Search;

namespace HierEmbed.Benchmarks;

/// <summary>Search by codes with exact rerank against an exact scan of the same rows and against FAISS: 100,000 of 1024 dimensions, one query at a time, one thread; and an index of a million codes.</summary>
internal sealed class SearchBenchmark : ISection
{
    private const int Dims = 1024, LatentDims = 4096, Rows = 100_000, Queries = 200, ScannedQueries = 20, RealQueries = 300, ShortlistRows = 200, ManyRows = 1_000_000, ManyK = 32;
    private const string RealRows = "HIEREMBED_WORDNET_40K";

    private static readonly int[] CodeBytes = [16, 32];
    private static readonly SearchOptions Options = new(SearchRows.Top, ShortlistRows, Rerank.Full);

    public string Name => "search";

    public Task RunAsync(BenchmarkReport report)
    {
        report.Heading("Search");
        SearchRows rows = SearchRows.Mixture(Dims, LatentDims, Rows, Queries);
        List<string[]> table = Compare(report, rows);
        Peers(rows, table);
        report.Table(["100,000 rows of 1024 dimensions", "parameter", "queries/s", "recall@10", "bytes a row beside the vectors", "built in s, two threads"], table);
        Recall(report);
        ManyCodes(report);
        return Task.CompletedTask;
    }

    private static List<string[]> Compare(BenchmarkReport report, SearchRows rows)
    {
        float[] scores = new float[rows.Count];
        int[][] exact = [.. rows.Queries.Select(query => rows.Scan(query, scores))];
        var built = new double[CodeBytes.Length];
        SearchIndex[] indexes = [.. CodeBytes.Select((bytes, i) =>
        {
            SearchIndex? index = null;
            built[i] = Rounds.Seconds(() => index = rows.Index(bytes));
            return index!;
        })];
        CodeSearch[] searches = [.. indexes.Select(index => new CodeSearch(index, rows.Dictionary, new MemoryVectorRows(rows.Rows, Dims)))];
        double Rate(CodeSearch search) => Queries / Rounds.Seconds(() => Search(search, rows.Queries));
        double[][] measured = Rounds.Alternate(
            [() => ScannedQueries / Rounds.Seconds(() =>
            {
                foreach (float[] query in rows.Queries[..ScannedQueries])
                    rows.Scan(query, scores);
            }), .. searches.Select(search => (Func<double>)(() => Rate(search)))]);
        double[] ratios = [.. measured[1..].Select(rates => Rounds.MedianRatio(rates, measured[0]))], recalls = [.. searches.Select(search => RecallOf(Search(search, rows.Queries), exact))];
        report.Line($"{rows.Count:N0} rows of {Dims} dimensions, {LatentDims} latents, shortlist of {ShortlistRows} reranked exactly, one query at a time, one thread; exact scan {Rounds.Median(measured[0]):F1} queries/s:");
        for (int i = 0; i < CodeBytes.Length; i++)
            report.Line($"- codes of {CodeBytes[i]} B: {Rounds.Median(measured[i + 1]):F0} queries/s, {ratios[i]:F1} times the scan, recall@{SearchRows.Top} {recalls[i]:F3}, index {indexes[i].Bytes / (double)rows.Count:F0} bytes a row");
        int faster = Array.IndexOf(ratios, ratios.Max());
        report.AtLeast("search-ratio", $"shortlist of {ShortlistRows} by codes of {CodeBytes[faster]} B, the faster size, and exact rerank by vectors in memory over an exact scan of them, 100k × 1024, recall@10 {recalls[faster]:F3}", 100, " ×", ratios[faster]);
        return [["exact scan", "", Text(Rounds.Median(measured[0])), "1", "0", "0"],
            .. CodeBytes.Select((bytes, i) => (string[])["shortlist by codes, exact rerank", $"{bytes} B", Text(Rounds.Median(measured[i + 1])), recalls[i].ToString("F3", CultureInfo.InvariantCulture), Text(indexes[i].Bytes / (double)rows.Count), $"{Text(built[i])} with coding"])];
    }

    private static void Peers(SearchRows rows, List<string[]> table)
    {
        string folder = Directory.CreateTempSubdirectory("hierembed-search").FullName;
        try
        {
            (string stored, string queries) = (Path.Combine(folder, "rows.npy"), Path.Combine(folder, "queries.npy"));
            Write(stored, rows.Rows.Span);
            Write(queries, rows.Queries.SelectMany(query => query).ToArray());
            using var faiss = new PythonPeer("search_peer.py");
            faiss.Ask($"load {stored} {queries}");
            foreach (int batch in new[] { 1, 64 })
                Add(table, "FAISS IndexFlatIP", $"batches of {batch}", faiss.Ask($"flat {batch}"), "0", "0");
            double built = faiss.Measure("build ivfpq");
            foreach (int probes in new[] { 8, 32, 128 })
                Add(table, "FAISS IVF256,PQ64 and exact rerank of 200", $"nprobe {probes}", faiss.Ask($"sweep ivfpq {probes}"), "72", Text(built));
            built = faiss.Measure("build hnsw");
            foreach (int width in new[] { 64, 256, 1024 })
                Add(table, "FAISS HNSW, M 16, efConstruction 64", $"efSearch {width}", faiss.Ask($"sweep hnsw {width}"), "136", Text(built));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Recall(BenchmarkReport report)
    {
        if (Environment.GetEnvironmentVariable(RealRows) is not { Length: > 0 } folder)
        {
            report.Line($"recall on real embeddings: not measured; {RealRows} names no folder with vectors.npy.");
            return;
        }
        SearchRows rows = SearchRows.Read(Path.Combine(folder, "vectors.npy"), RealQueries);
        float[] scores = new float[rows.Count];
        int[][] exact = [.. rows.Queries.Select(query => rows.Scan(query, scores))];
        foreach (int bytes in CodeBytes)
        {
            double recall = RecallOf(Search(new CodeSearch(rows.Index(bytes), rows.Dictionary, new MemoryVectorRows(rows.Rows, rows.Dims)), rows.Queries), exact);
            report.AtLeast($"search-recall-{bytes}", $"recall@10 of the same search, {rows.Count:N0} WordNet glosses, codes of {bytes} B", 0.98, "", recall);
        }
    }

    /// <summary>An index of a million codes: random ones, which take as long as any.</summary>
    private static void ManyCodes(BenchmarkReport report)
    {
        const int postingBytes = sizeof(ushort) + 1;
        var random = new Random(1);
        float[] atoms = [.. Enumerable.Range(0, LatentDims * Dims).Select(_ => random.NextSingle() - 0.5f)];
        var dictionary = new LinearDecoder("benchmark", atoms, new float[Dims]);
        string path = Path.GetTempFileName();
        try
        {
            SearchIndex? index = null;
            double built = Rounds.Seconds(() =>
            {
                index = SearchIndex.Build(new RandomCodes(ManyRows, LatentDims, ManyK), LatentDims, CodeCoding.Pursuit, dictionary, threads: 2);
                index.Save(path);
            });
            report.AtMost("index-build", "index over 1,000,000 codes, k 32, built and saved with two threads", 60, " s", built);
            report.AtMost("index-bytes", "its bytes over its postings', latent and value, 3 bytes each", 1.3, " ×", new FileInfo(path).Length / ((double)ManyRows * ManyK * postingBytes));
            SearchIndex? opened = null;
            report.AtMost("index-open", "opening it", 1000, " ms", 1000 * Rounds.Median(Rounds.Alternate(() => Rounds.Seconds(() =>
            {
                opened?.Dispose();
                opened = SearchIndex.Open(path);
            }))[0]));
            report.Line($"its contents are checked with its first search, in {Rounds.Seconds(opened!.Verify):F2} s.");
            opened.Dispose();
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static SearchResult[] Search(CodeSearch search, float[][] queries) =>
        Array.ConvertAll(queries, query => search.SearchAsync(new SearchQuery(query), Options).AsTask().GetAwaiter().GetResult());

    private static double RecallOf(SearchResult[] found, int[][] exact) =>
        found.Select((result, q) => result.Neighbours.Count(n => exact[q].Contains(n.Row)) / (double)SearchRows.Top).Average();

    private static void Add(List<string[]> table, string name, string parameter, string rateAndRecall, string bytes, string built)
    {
        double[] numbers = [.. rateAndRecall.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        table.Add([name, parameter, Text(numbers[0]), numbers[1].ToString("F3", CultureInfo.InvariantCulture), bytes, built]);
    }

    private static void Write(string path, ReadOnlySpan<float> values)
    {
        using FileStream target = File.Create(path);
        NpyWriter.Write<float>(target, values, values.Length / Dims, Dims);
    }

    private static string Text(double value) => value.ToString(value >= 100 ? "F0" : "F1", CultureInfo.InvariantCulture);
}
