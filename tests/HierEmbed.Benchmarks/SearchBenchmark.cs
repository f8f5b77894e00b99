using System.Diagnostics;
using HierEmbed.Benchmarks.Measuring;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Numerics;
using HierEmbed.Core.Search;

namespace HierEmbed.Benchmarks;

/// <summary>Search by codes with exact rerank against an exact scan of the same rows: 100,000 of 1024 dimensions, one query at a time, one thread.</summary>
internal sealed class SearchBenchmark : ISection
{
    private const int Dims = 1024, LatentDims = 4096, Rows = 100_000, Queries = 100, Top = 10, ShortlistRows = 200, Turns = 5;

    public string Name => "search";

    public async Task RunAsync(BenchmarkReport report)
    {
        var generator = new MixtureRows(Dims, seed: 1);
        // Atoms at rows that are searched by nobody, as a training begins.
        var dictionary = new LinearDecoder("benchmark", generator.Next(LatentDims), new float[Dims]);
        float[] rows = generator.Next(Rows);
        float[][] queries = [.. generator.Next(Queries).Chunk(Dims)];
        int[][] exact = [.. queries.Select(query => Scan(query, rows))];
        report.Heading("Search");
        report.Line($"search, {Rows} rows of {Dims} dimensions, {LatentDims} latents, shortlist of {ShortlistRows} reranked exactly, one query at a time, one thread, median of {Turns} rounds");
        foreach (int bytes in new[] { 16, 32 })
        {
            var search = new CodeSearch(Index(rows, dictionary, bytes), dictionary, new MemoryRows(rows, Dims));
            var options = new SearchOptions(Top, ShortlistRows, Rerank.Full);
            var found = new SearchResult[Queries];
            double[] scans = new double[Turns], searches = new double[Turns];
            // One after the other, so that both meet the same machine.
            for (int round = 0; round < Turns; round++)
            {
                long start = Stopwatch.GetTimestamp();
                foreach (float[] query in queries)
                    Scan(query, rows);
                scans[round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / Queries;
                start = Stopwatch.GetTimestamp();
                for (int q = 0; q < Queries; q++)
                    found[q] = await search.SearchAsync(new SearchQuery(queries[q]), options);
                searches[round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / Queries;
            }
            double recall = found.Select((result, q) => result.Neighbours.Count(n => exact[q].Contains(n.Row)) / (double)Top).Average();
            (double scan, double searched) = (scans.Order().ElementAt(Turns / 2), searches.Order().ElementAt(Turns / 2));
            report.Line($"{bytes,4} B: {1000 / searched,6:F0} queries/s, exact scan {1000 / scan,4:F0}/s: {scan / searched:F1} times; recall@{Top} {recall:F3}; index {search.Index.Bytes / (double)Rows:F0} bytes a row");
        }
    }

    private static SearchIndex Index(float[] rows, LinearDecoder dictionary, int bytes)
    {
        var coder = new PursuitCoder(dictionary);
        PackedCodeFormat format = PackedCodeFormat.FitForBytes(LatentDims, bytes, k => coder.Encode(rows.AsSpan(0, 256 * Dims), k));
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream target = File.Create(path))
            using (var writer = new CodeFileWriter(target, dictionary.ModelId, CodeCoding.Pursuit, format))
            {
                foreach (SparseCode code in coder.Encode(rows, format))
                    writer.Add(code);
                writer.Complete();
            }
            using CodeFile file = CodeFile.Open(path);
            return SearchIndex.Build([file], dictionary);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The exact neighbours by the product with every row, best first.</summary>
    private static int[] Scan(float[] query, float[] rows)
    {
        var scores = new float[Rows];
        RowProducts.Multiply(query, rows, Dims, scores);
        var best = new PriorityQueue<int, float>(Top + 1);
        for (int row = 0; row < Rows; row++)
        {
            if (best.Count == Top && best.TryPeek(out _, out float least) && scores[row] <= least)
                continue;
            best.Enqueue(row, scores[row]);
            if (best.Count > Top)
                best.Dequeue();
        }
        int[] found = new int[Top];
        for (int i = Top - 1; i >= 0; i--)
            found[i] = best.Dequeue();
        return found;
    }

    private sealed class MemoryRows(float[] values, int dims) : IVectorRows
    {
        public int Rows => values.Length / dims;

        public int Dims => dims;

        public ValueTask ReadAsync(ReadOnlyMemory<int> rows, Memory<float> into, CancellationToken cancellationToken)
        {
            for (int i = 0; i < rows.Length; i++)
                values.AsSpan(rows.Span[i] * dims, dims).CopyTo(into.Span[(i * dims)..]);
            return ValueTask.CompletedTask;
        }
    }
}
