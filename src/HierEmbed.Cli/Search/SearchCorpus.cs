using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Search;

namespace HierEmbed.Cli.Search;

/// <summary>The rows that are searched: their codes in an index; their ids and texts, and where they are known their full vectors, in scratch files.</summary>
/// <param name="folder">The scratch folder.</param>
/// <param name="vectorDims">Length of the full vectors; null: they are not kept.</param>
internal sealed class SearchCorpus(string folder, int? vectorDims) : IDisposable
{
    private readonly ScratchLabels labels = new(folder);
    private readonly ScratchVectors? vectors = vectorDims is { } dims ? new ScratchVectors(folder, dims) : null;
    private readonly List<CodeFile> files = [];
    private SearchIndex? index;
    private string? scratchCodes;

    /// <summary>The codes, once <see cref="BuildIndex"/> has run.</summary>
    public SearchIndex Index => index ?? throw new InvalidOperationException("The index is not built yet.");

    /// <summary>How the codes are packed.</summary>
    public PackedCodeFormat Format => files[0].Format;

    /// <summary>The full vectors, where they were given.</summary>
    public IVectorRows? Vectors => vectors;

    /// <summary>Appends what the rows' files say, beside their codes.</summary>
    public void AddRows(EmbeddingBatch batch)
    {
        labels.Add(batch.Labels);
        vectors?.Add(batch.Values);
    }

    /// <summary>Where codes can be written that are deleted with the corpus.</summary>
    public string NewCodesPath() => scratchCodes = ScratchFile.NewPath(folder);

    /// <summary>Appends codes; the file is closed with the corpus.</summary>
    public void AddCodes(CodeFile codes) => files.Add(codes);

    /// <summary>Makes the index of the codes.</summary>
    /// <param name="dictionary">The model's; null for codes of the encoder.</param>
    /// <param name="threads">Threads; 0: one a core.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    /// <exception cref="RequestException">The vectors are not as many as the codes.</exception>
    public void BuildIndex(LinearDecoder? dictionary, int threads, CancellationToken cancellationToken)
    {
        index = SearchIndex.Build(files, dictionary, threads, cancellationToken);
        if (vectors is not null && vectors.Rows != index.Rows)
            throw new RequestException(ProblemTypes.InvalidRequest,
                $"--vectors holds {vectors.Rows} rows, the corpus {index.Rows} codes; expected the rows that the codes were made of, in their order.");
    }

    /// <summary>Id and text of a row.</summary>
    public RowLabels Labels(int row)
    {
        RowLabels found = labels.Of(row);
        return found.Id is null ? found with { Id = IdInFiles(row) } : found;
    }

    /// <summary>The first row of an id.</summary>
    /// <exception cref="RequestException">No row has it.</exception>
    public int RowOf(string id)
    {
        bool any = false;
        for (int row = 0; row < Index.Rows; row++)
        {
            string? found = Labels(row).Id;
            any |= found is not null;
            if (found == id)
                return row;
        }
        throw new RequestException(ProblemTypes.RowNotFound, any
            ? $"--query-id is \"{(id.Length > 80 ? id[..80] + "…" : id)}\"; none of the {Index.Rows} rows of the corpus has that id. Check it, or name the row with --query-row."
            : "--query-id is given, and no row of the corpus has an id. Name the row with --query-row, or use files with ids.");
    }

    public void Dispose()
    {
        foreach (CodeFile file in files)
            file.Dispose();
        if (scratchCodes is not null)
            File.Delete(scratchCodes);
        labels.Dispose();
        vectors?.Dispose();
    }

    private string? IdInFiles(long row)
    {
        foreach (CodeFile file in files)
        {
            if (row < file.Rows)
                return file.Id(row);
            row -= file.Rows;
        }
        return null;
    }
}
