using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;

namespace HierEmbed.Core.Search;

/// <summary>Codes of one model in memory, ready to be searched. Immutable, thread-safe.</summary>
/// <remarks>
/// Every code is there whole: two bytes for a latent, one for its level. Above <see cref="ScannedRows"/> rows each latent has lists of the rows
/// that use it besides, two bytes a row: there a query's heaviest latents find candidates in less time than scoring every row takes.
/// </remarks>
public sealed class SearchIndex
{
    /// <summary>Up to so many rows every row is scored: that takes no longer than looking for candidates.</summary>
    public const int ScannedRows = 1 << 14;

    private readonly IndexBlock[] blocks;
    private readonly int[] firstRows;

    private SearchIndex(IndexBlock[] blocks, int rows, int latentDims, CodeCoding coding)
    {
        this.blocks = blocks;
        firstRows = Array.ConvertAll(blocks, block => block.First);
        Rows = rows;
        LatentDims = latentDims;
        Coding = coding;
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Latents.</summary>
    public int LatentDims { get; }

    /// <summary>How the codes were made, and with it how they are scored.</summary>
    public CodeCoding Coding { get; }

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => blocks.Sum(block => block.Bytes);

    /// <summary>Parts of at most 65,536 rows.</summary>
    internal IReadOnlyList<IndexBlock> Blocks => blocks;

    /// <summary>Most bytes that an index takes, known before anything is read.</summary>
    /// <param name="latentDims">Latents.</param>
    /// <param name="codes">What it will be built from.</param>
    public static long ForecastBytes(int latentDims, IEnumerable<IndexedCodes> codes)
    {
        const int blockBytes = (256 * sizeof(float)) + sizeof(int);
        IndexedCodes[] all = [.. codes];
        long rows = all.Sum(part => part.Rows), components = all.Sum(part => part.Rows * part.K);
        long bytes = (rows * (sizeof(int) + (2 * sizeof(float)))) + (components * (sizeof(ushort) + 1));
        long blocks = Plan(all).LongCount();
        bytes += blocks * blockBytes;
        return rows <= ScannedRows ? bytes : bytes + (components * sizeof(ushort)) + (blocks * sizeof(int) * (((long)latentDims * PostingLists.ListsPerLatent) + 1));
    }

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
        return Build([.. files.Select(file => new PackedRows(file))], first.Coding, first.Format.LatentDims, dictionary, threads, cancellationToken);
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
        Build([new RoundedRows(codes)], coding, latentDims, dictionary, threads, cancellationToken);

    /// <summary>A row's code, as it is stored.</summary>
    /// <param name="row">From 0.</param>
    public SparseCode Code(int row)
    {
        IndexBlock block = BlockOf(row);
        return block.Code(row - block.First, LatentDims);
    }

    /// <summary>A row's score with all its components.</summary>
    internal float Score(int row, ProjectedQuery query)
    {
        IndexBlock block = BlockOf(row);
        return block.Score(row - block.First, query);
    }

    private static SearchIndex Build(
        ICodeRows[] sources, CodeCoding coding, int latentDims, LinearDecoder? dictionary, int threads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (coding == CodeCoding.Pursuit)
            ArgumentNullException.ThrowIfNull(dictionary);
        // A block's rows are numbered in 16 bits, latents too.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(latentDims, PackedCodeFormat.MaxLatentDims);
        var norms = new CodeNorms(coding == CodeCoding.Pursuit ? dictionary : null);
        int rows = checked((int)sources.Sum(source => source.Rows));
        (long First, List<PlannedPart> Parts)[] plan = [.. Plan([.. sources.Select(source => source.Kind)])];
        var blocks = new IndexBlock[plan.Length];
        var degree = new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads, CancellationToken = cancellationToken };
        Parallel.For(0, plan.Length, degree, i => blocks[i] = IndexBlock.Read(
            (int)plan[i].First, [.. plan[i].Parts.Select(part => new BlockPart(sources[part.Source], part.First, part.Rows))], norms, latentDims, rows > ScannedRows, cancellationToken));
        return new SearchIndex(blocks, rows, latentDims, coding);
    }

    private readonly record struct PlannedPart(int Source, long First, int Rows);

    /// <summary>Which rows make a block: as many as fit, of one set of levels.</summary>
    private static IEnumerable<(long First, List<PlannedPart> Parts)> Plan(IndexedCodes[] sources)
    {
        var parts = new List<PlannedPart>();
        long first = 0;
        int filled = 0;
        for (int source = 0; source < sources.Length; source++)
        {
            (long rows, int k, ValueGrid? grid) = sources[source];
            if (parts.Count > 0 && (grid is null || sources[parts[0].Source].Grid is not { } before || !before.Levels.SequenceEqual(grid.Levels)))
                yield return TakeBlock();
            for (long at = 0; at < rows;)
            {
                int room = Math.Min(IndexBlock.MaxRows, Array.MaxLength / Math.Max(1, k)) - filled;
                if (room <= 0)
                {
                    yield return TakeBlock();
                    continue;
                }
                int count = (int)Math.Min(room, rows - at);
                parts.Add(new PlannedPart(source, at, count));
                filled += count;
                at += count;
            }
        }
        if (parts.Count > 0)
            yield return TakeBlock();

        (long, List<PlannedPart>) TakeBlock()
        {
            (long, List<PlannedPart>) block = (first, parts);
            first += filled;
            filled = 0;
            parts = [];
            return block;
        }
    }

    private IndexBlock BlockOf(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        int at = Array.BinarySearch(firstRows, row);
        return blocks[at < 0 ? ~at - 1 : at];
    }
}
