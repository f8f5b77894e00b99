using System.IO.Hashing;
using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;

namespace HierEmbed.Core.Search;

/// <summary>Codes of one model, ready to be searched: in memory, or in a file that is mapped. Immutable, thread-safe.</summary>
/// <remarks>
/// Every code is there whole: two bytes for a latent, one for its level. Above <see cref="ScannedRows"/> rows there is besides what finds candidates in less
/// time than scoring every row takes: for codes of pursuit a sketch of each row, 16 bytes; for the encoder's a list of each latent's rows, two bytes a row.
/// </remarks>
public sealed class SearchIndex : IDisposable
{
    /// <summary>Up to so many rows every row is scored: that takes no longer than looking for candidates.</summary>
    public const int ScannedRows = 1 << 14;

    private readonly Lazy<IndexBlock[]> blocks;
    private readonly int[] firstRows;
    private readonly SketchAxes? axes;
    private readonly IDisposable? mapping;
    private volatile bool disposed;

    /// <param name="header">What it holds.</param>
    /// <param name="axes">What sketches are made of; null: there are none.</param>
    /// <param name="blocks">Its blocks; those of a file are checked when they are asked for first.</param>
    /// <param name="mapping">What is let go with it.</param>
    internal SearchIndex(IndexHeader header, SketchAxes? axes, Lazy<IndexBlock[]> blocks, IDisposable? mapping)
    {
        this.blocks = blocks;
        this.mapping = mapping;
        firstRows = [.. header.Blocks.Select(block => block.First)];
        Header = header;
        this.axes = axes;
    }

    /// <summary>Rows.</summary>
    public int Rows => (int)Header.Rows;

    /// <summary>Latents.</summary>
    public int LatentDims => Header.LatentDims;

    /// <summary>How the codes were made, and with it how they are scored.</summary>
    public CodeCoding Coding => Header.Coding;

    /// <summary>The model whose codes they are; empty where that was not said.</summary>
    public string ModelId => Header.ModelId;

    /// <summary>Stands for the files that it was built of; 0 where it was built of none.</summary>
    public ulong Source => Header.Source;

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => Blocks.Sum(block => block.Bytes) + (Axes?.Bytes ?? 0);

    /// <summary>What it holds.</summary>
    internal IndexHeader Header { get; }

    /// <summary>What sketches are made of; null: there are none.</summary>
    internal SketchAxes? Axes => WhileOpen(axes);

    /// <summary>Parts of at most 65,536 rows.</summary>
    /// <exception cref="Errors.ModelException">The file that they are in is damaged.</exception>
    internal IReadOnlyList<IndexBlock> Blocks => WhileOpen(blocks).Value;

    /// <summary>Most bytes that an index takes, known before anything is read.</summary>
    /// <param name="latentDims">Latents.</param>
    /// <param name="inputDims">Length of an embedding.</param>
    /// <param name="codes">What it will be built from.</param>
    /// <param name="coding">How the codes were made.</param>
    public static long ForecastBytes(int latentDims, int inputDims, CodeCoding coding, IEnumerable<IndexedCodes> codes)
    {
        const int levelBytes = 256 * sizeof(float);
        IndexedCodes[] all = [.. codes];
        bool large = all.Sum(part => part.Rows) > ScannedRows;
        long bytes = large && coding == CodeCoding.Pursuit ? SketchAxes.MostBytes(inputDims, latentDims) : 0;
        foreach (BlockPlan block in BlockPlan.Of(all))
        {
            bytes += levelBytes + ((long)block.Rows * CodeRecords.BytesOf(block.K));
            if (large)
            {
                bytes += coding == CodeCoding.Pursuit
                    ? RowSketches.BytesOf(block.Rows)
                    : block.Parts.Sum(part => (long)part.Rows * all[part.Source].K * sizeof(ushort)) + (sizeof(int) * (((long)latentDims * PostingLists.ListsPerLatent) + 1));
            }
        }
        return bytes;
    }

    /// <summary>Stands for files in their order: what they hold, not what they are called.</summary>
    /// <param name="files">The files.</param>
    public static ulong SourceOf(IEnumerable<CodeFile> files)
    {
        var hash = new XxHash3();
        foreach (CodeFile file in files)
            hash.Append(BitConverter.GetBytes(file.Identity));
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Opens an index that <see cref="Save"/> wrote, mapped into memory. Its header is checked now, its contents when it is searched first.</summary>
    /// <param name="path">The file; it must not be written to while it is open.</param>
    /// <exception cref="Errors.ModelException">It is no index, it is damaged or cut off, or another version of the program wrote it.</exception>
    public static SearchIndex Open(string path) => MappedIndex.Open(path);

    /// <summary>Writes it to a file, under another name first.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    public void Save(string path) => IndexFileWriter.Write(this, path);

    /// <summary>Reads all of it against its checksums, as its first search would.</summary>
    /// <exception cref="Errors.ModelException">The file is damaged.</exception>
    public void Verify() => _ = Blocks;

    /// <summary>Builds an index of files, their rows one after the other.</summary>
    /// <param name="files">Files of one model and one coding, from one.</param>
    /// <param name="dictionary">The model's dictionary; encoder codes are scored without.</param>
    /// <param name="threads">Threads; 0: one a core. The index does not depend on it.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    /// <exception cref="ArgumentException">The files do not belong together or to the dictionary, or have more than 2³¹ rows.</exception>
    public static SearchIndex Build(IReadOnlyList<CodeFile> files, LinearDecoder? dictionary, int threads = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(files.Count, 1, nameof(files));
        CodeFile first = files[0];
        if (files.FirstOrDefault(file => file.ModelId != first.ModelId || file.Coding != first.Coding || file.Format.LatentDims != first.Format.LatentDims) is { } other)
            throw new ArgumentException($"Codes of model {other.ModelId} ({other.Coding}) beside codes of model {first.ModelId} ({first.Coding}); an index holds those of one.", nameof(files));
        if (first.Coding == CodeCoding.Pursuit && dictionary is not null && dictionary.ModelId != first.ModelId)
            throw new ArgumentException($"Codes of model {first.ModelId} with the dictionary of model {dictionary.ModelId}.", nameof(dictionary));
        return Build([.. files.Select(file => new PackedRows(file))], first.Coding, first.Format.LatentDims, first.ModelId, SourceOf(files), dictionary, threads, cancellationToken);
    }

    /// <summary>Builds an index of codes that are in memory. Values are rounded to 255 even steps of a code's largest.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="latentDims">Latents.</param>
    /// <param name="coding">How they were made.</param>
    /// <param name="dictionary">The model's dictionary; encoder codes are scored without.</param>
    /// <param name="threads">Threads; 0: one a core. The index does not depend on it.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    public static SearchIndex Build(
        IReadOnlyList<SparseCode> codes, int latentDims, CodeCoding coding, LinearDecoder? dictionary, int threads = 0, CancellationToken cancellationToken = default) =>
        Build([new RoundedRows(codes)], coding, latentDims, dictionary?.ModelId ?? "", 0, dictionary, threads, cancellationToken);

    /// <summary>A row's code, as it is stored.</summary>
    /// <param name="row">From 0.</param>
    public SparseCode Code(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        int at = Array.BinarySearch(firstRows, row);
        IndexBlock block = Blocks[at < 0 ? ~at - 1 : at];
        return block.Records.Code(row - block.First, LatentDims);
    }

    /// <summary>Lets go of the file, where it is in one. Not while a search runs, which would read what is mapped no more; a search that begins later is refused.</summary>
    public void Dispose()
    {
        disposed = true;
        mapping?.Dispose();
    }

    /// <summary>Scores of rows with all their components.</summary>
    /// <param name="rows">Which rows, ascending.</param>
    /// <param name="query">The query.</param>
    internal float[] Score(ReadOnlySpan<int> rows, ProjectedQuery query)
    {
        var scores = new float[rows.Length];
        int from = 0;
        foreach (IndexBlock block in Blocks)
        {
            int to = from;
            while (to < rows.Length && rows[to] < block.First + block.Rows)
                to++;
            block.Records.Score(rows[from..to], block.First, query, scores.AsSpan(from));
            from = to;
        }
        return scores;
    }

    private T WhileOpen<T>(T held)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return held;
    }

    private static SearchIndex Build(
        ICodeRows[] sources, CodeCoding coding, int latentDims, string modelId, ulong source, LinearDecoder? dictionary, int threads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (coding == CodeCoding.Pursuit)
            ArgumentNullException.ThrowIfNull(dictionary);
        // A block's rows are numbered in 16 bits, latents too.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(latentDims, PackedCodeFormat.MaxLatentDims);
        int k = sources.Max(part => part.K);
        if (k > CodeRecords.MaxK)
            throw new ArgumentException($"Codes of up to {k} components; an index holds at most {CodeRecords.MaxK} of each.", nameof(sources));
        // Codes of a prefix are of its latents alone.
        LinearDecoder? atoms = coding == CodeCoding.Pursuit ? dictionary!.Prefix(latentDims) : null;
        var norms = new CodeNorms(atoms);
        int rows = checked((int)sources.Sum(part => part.Rows));
        BlockPlan[] plan = [.. BlockPlan.Of([.. sources.Select(part => part.Kind)])];
        bool large = rows > ScannedRows;
        RowSketcher? sketcher = null;
        SketchAxes? axes = large && atoms is not null ? SketchAxes.Fit(DecodedSample.Read(sources, rows, atoms), atoms, out sketcher) : null;
        var blocks = new IndexBlock[plan.Length];
        var degree = new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads, CancellationToken = cancellationToken };
        Parallel.For(0, plan.Length, degree, i => blocks[i] = IndexBlock.Read((int)plan[i].First,
            [.. plan[i].Parts.Select(part => new BlockPart(sources[part.Source], part.First, part.Rows))], norms, sketcher, large && atoms is null ? latentDims : 0, cancellationToken));
        var header = new IndexHeader(modelId, source, coding, latentDims, rows, [.. blocks.Select(block => new IndexHeader.Block(block.First, block.Rows))]);
        return new SearchIndex(header, axes, new Lazy<IndexBlock[]>(blocks), null);
    }
}
