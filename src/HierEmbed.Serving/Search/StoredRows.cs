using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Http;

namespace HierEmbed.Serving.Search;

/// <summary>A dataset's rows as one run left them, ready to be searched. Thread-safe until it is disposed.</summary>
/// <param name="run">The run, and its place in the order of runs: a run that is repeated stores rows anew under its name.</param>
/// <param name="files">Their codes, one file a block; a block that is there twice has one file.</param>
/// <param name="search">Index, dictionary and, where they are stored, vectors.</param>
/// <param name="labels">What the rows' files say of them.</param>
/// <param name="hasVectors">Whether vectors are stored.</param>
/// <param name="close">Closes the files.</param>
internal sealed class StoredRows(CodesPointer run, IReadOnlyList<CodeFile> files, CodeSearch search, StoredLabels labels, bool hasVectors, Action close) : IDisposable
{
    private readonly Lazy<RowIds> ids = new(() => new RowIds(files));

    /// <summary>The run whose rows they are.</summary>
    public CodesPointer Run => run;

    /// <summary>Searches them.</summary>
    public CodeSearch Search => search;

    /// <summary>How their codes are packed.</summary>
    public PackedCodeFormat Format => files[0].Format;

    /// <summary>Whether their full vectors are stored.</summary>
    public bool HasVectors => hasVectors;

    /// <summary>The first row of an id.</summary>
    /// <exception cref="RequestException">No row has it.</exception>
    public int RowOf(string id) => ids.Value.Find(id) ?? throw new RequestException(ProblemTypes.RowNotFound, ids.Value.Count == 0
        ? "The query is named by an id, and no stored row has one. Name it by its number (row), or upload files with ids."
        : $"No stored row has the id \"{Quoted.Shorten(id)}\"; {ids.Value.Count} of {search.Index.Rows} rows have ids. Check it, or name the row by its number (row).");

    /// <summary>What is said of rows, and where they come from.</summary>
    /// <param name="rows">Their numbers, ascending, none twice.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public Task<StoredRow[]> DescribeAsync(int[] rows, CancellationToken cancellationToken) => labels.ReadAsync(rows, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => close();
}
