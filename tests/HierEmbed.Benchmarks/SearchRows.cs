using System.Numerics.Tensors;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Numerics;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Scaling;
using HierEmbed.Core.Search;

namespace HierEmbed.Benchmarks;

/// <summary>Rows to search, queries that are none of them, and a dictionary whose atoms stand at rows, as a training begins.</summary>
/// <param name="Rows"><c>[rows, dims]</c>, of unit length.</param>
/// <param name="Queries">Of unit length.</param>
/// <param name="Dictionary">The dictionary.</param>
internal sealed record SearchRows(ReadOnlyMemory<float> Rows, float[][] Queries, LinearDecoder Dictionary)
{
    public const int Top = 10;

    /// <summary>Threads that an index is built with: as many as FAISS has, BUILD_THREADS of search_peer.py.</summary>
    private const int BuildThreads = 2;

    public int Dims => Dictionary.InputDims;

    public int Count => Rows.Length / Dims;

    /// <summary>Rows of a mixture.</summary>
    public static SearchRows Mixture(int dims, int latentDims, int rows, int queries)
    {
        var generator = new MixtureRows(dims, seed: 1);
        // Atoms at rows that are searched by nobody.
        var dictionary = new LinearDecoder("benchmark", generator.Next(latentDims), new float[dims]);
        return new SearchRows(Stored(generator.Next(rows), dims), [.. generator.Next(queries).Chunk(dims)], dictionary);
    }

    /// <summary>Rows of a file in random order, the first of them queries, four times as many atoms as dimensions.</summary>
    public static SearchRows Read(string path, int queries)
    {
        var all = new List<float[]>();
        using (IEmbeddingReader reader = EmbeddingReaders.Open(Path.GetFileName(path), File.OpenRead(path), ReaderOptions.Default))
        {
            var batch = new EmbeddingBatch(1024, reader.Info.Dims);
            while (reader.Read(batch))
            {
                for (int row = 0; row < batch.Count; row++)
                    all.Add(Unit(batch.Row(row)));
            }
        }
        float[][] shuffled = [.. all];
        new Random(1).Shuffle(shuffled);
        float[][] rows = shuffled[queries..];
        int dims = rows[0].Length;
        var mean = new float[dims];
        foreach (float[] row in rows)
            TensorPrimitives.MultiplyAdd(row, 1f / rows.Length, mean, mean);
        float[] atoms = [.. rows.Take(4 * dims).SelectMany(row => row.Select((value, d) => value - mean[d]))];
        return new SearchRows(Stored([.. rows.SelectMany(row => row)], dims), shuffled[..queries], new LinearDecoder("benchmark", atoms, mean));
    }

    /// <summary>An index over codes of so many bytes.</summary>
    public SearchIndex Index(int bytes)
    {
        var coder = new PursuitCoder(Dictionary, BuildThreads);
        PackedCodeFormat format = PackedCodeFormat.FitForBytes(Dictionary.LatentDims, bytes, k => coder.Encode(Rows.Span[..(256 * Dims)], k));
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream target = File.Create(path))
            using (var writer = new CodeFileWriter(target, Dictionary.ModelId, CodeCoding.Pursuit, format))
            {
                foreach (SparseCode code in coder.Encode(Rows.Span, format))
                    writer.Add(code);
                writer.Complete();
            }
            using CodeFile file = CodeFile.Open(path);
            return SearchIndex.Build([file], Dictionary, BuildThreads);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The exact neighbours by the product with every row.</summary>
    /// <param name="query">The query.</param>
    /// <param name="scores">Room for <c>[rows]</c>.</param>
    public int[] Scan(float[] query, float[] scores)
    {
        RowProducts.Multiply(query, Rows.Span, Dims, scores);
        var best = new PriorityQueue<int, float>(Top + 1);
        for (int row = 0; row < scores.Length; row++)
        {
            if (best.Count == Top && best.TryPeek(out _, out float least) && scores[row] <= least)
                continue;
            best.Enqueue(row, scores[row]);
            if (best.Count > Top)
                best.Dequeue();
        }
        return [.. best.UnorderedItems.Select(item => item.Element)];
    }

    /// <summary>Rows where a scan and a rerank both read them.</summary>
    private static ReadOnlyMemory<float> Stored(float[] rows, int dims)
    {
        Memory<float> stored = MemoryVectorRows.Allocate(rows.Length / dims, dims);
        rows.CopyTo(stored);
        return stored;
    }

    private static float[] Unit(ReadOnlySpan<float> row)
    {
        var unit = new float[row.Length];
        RowNormalization.L2Normalize(row, unit);
        return unit;
    }
}
