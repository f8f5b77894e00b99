using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Core.Search;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Search;

/// <summary>Opens the stored rows of a version: judges the size of their index by the headers of their codes, then fetches the codes and builds it.</summary>
/// <param name="results">The results container.</param>
/// <param name="options">The index' limit, threads, the scratch folder.</param>
/// <param name="log">Told of an index that is built again.</param>
internal sealed class StoredRowsLoader(IArtifactStore results, HierEmbedOptions options, ILogger log)
{
    private const int MaxParallel = 8;

    private readonly CodesIndexStore indexes = new(results);
    private readonly StoredIndexes stored = new(options, log);

    /// <summary>Opens the rows of a run.</summary>
    /// <param name="manifest">The version.</param>
    /// <param name="run">The run; null: the version has none.</param>
    /// <param name="dictionary">Gives the version's dictionary; asked only where codes are of pursuit.</param>
    /// <param name="cancellationToken">Cancels the fetching and the building.</param>
    /// <exception cref="ModelException">There are no codes, they are more than the setting allows, or damaged.</exception>
    /// <exception cref="ArtifactNotFoundException">Codes are gone: newer ones replaced them.</exception>
    public async Task<StoredRows> OpenAsync(ModelManifest manifest, CodesPointer? run, Func<CancellationToken, Task<LinearDecoder>> dictionary, CancellationToken cancellationToken)
    {
        CodesIndexEntry[] entries = run is null ? throw NoCodes(manifest, "has no stored codes") : await EntriesAsync(manifest, run.RunId, cancellationToken);
        string folder = Layout.Version(manifest.Dataset, manifest.Version);
        CodeFileInfo info = await JudgeAsync(manifest, folder, entries, cancellationToken);
        LinearDecoder? atoms = info.Coding == CodeCoding.Pursuit ? await dictionary(cancellationToken) : null;
        var blocks = new BlockMap(entries);
        var scratch = new ScratchCodes(results, options.ScratchPath);
        SearchIndex? index = null;
        try
        {
            IReadOnlyList<CodeFile> files = await scratch.FetchAsync(folder + Layout.CodesFolder, entries, manifest.ModelId, cancellationToken);
            index = stored.Open(manifest, files, atoms, cancellationToken);
            scratch.CloseThoseWithoutIds();
            var reads = new RangedReads(results);
            bool hasVectors = entries.All(entry => entry.Vectors is not null);
            var search = new CodeSearch(index, atoms, hasVectors ? new StoredVectors(reads, folder, blocks, manifest.Recipe.InputDims) : null);
            return new StoredRows(run, files, search, new StoredLabels(reads, folder, blocks), hasVectors, () =>
            {
                index.Dispose();
                scratch.Dispose();
            });
        }
        catch
        {
            index?.Dispose();
            scratch.Dispose();
            throw;
        }
    }

    private async Task<CodesIndexEntry[]> EntriesAsync(ModelManifest manifest, string runId, CancellationToken cancellationToken)
    {
        string name = Layout.CodesIndex(manifest.Dataset, manifest.Version, runId);
        IReadOnlyList<CodesIndexEntry> all = await indexes.FindAsync(manifest.Dataset, manifest.Version, runId, cancellationToken) ?? throw new ArtifactNotFoundException(name);
        if (all.Any(entry => entry is null || entry.Rows < 0 || !ArtifactNames.IsName(entry.Codes ?? "") || !IsNameOrNone(entry.Vectors) || !IsNameOrNone(entry.Labels)))
            throw RangedReads.Damaged(name, "an entry names no rows or files");
        if (all.Any(entry => !entry.Codes.EndsWith(".codes", StringComparison.Ordinal)))
            throw NoCodes(manifest, "has codes that an earlier program wrote, which cannot be searched");
        // A block whose rows were all rejected has nothing to search.
        CodesIndexEntry[] entries = [.. all.Where(entry => entry.Rows > 0)];
        return entries.Length > 0 ? entries : throw NoCodes(manifest, "has no stored codes");
    }

    private static bool IsNameOrNone(string? name) => name is null || ArtifactNames.IsName(name);

    /// <summary>Whether the codes are of one kind and their index fits.</summary>
    private async Task<CodeFileInfo> JudgeAsync(ModelManifest manifest, string folder, CodesIndexEntry[] entries, CancellationToken cancellationToken)
    {
        var headers = new CodeFileInfo[entries.Length];
        await Parallel.ForAsync(0, entries.Length, new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken }, async (i, ct) =>
        {
            string name = folder + Layout.CodesFolder + entries[i].Codes;
            var start = new byte[CodeFileInfo.MaxHeaderBytes];
            headers[i] = CodeFile.ReadInfo(name, start.AsSpan(0, await results.ReadRangeAsync(name, 0, start, ct)));
        });
        CodeFileInfo first = headers[0];
        for (int i = 0; i < headers.Length; i++)
        {
            if (headers[i].ModelId != manifest.ModelId || headers[i].Coding != first.Coding || headers[i].Format.LatentDims != first.Format.LatentDims || first.Format.LatentDims > manifest.Recipe.LatentDims)
                throw RangedReads.Damaged(entries[i].Codes, $"it holds {headers[i].Coding} codes of {headers[i].Format.LatentDims} latents of model {headers[i].ModelId}, not such as its index lists");
        }
        long rows = entries.Sum(entry => (long)entry.Rows);
        long bytes = SearchIndex.ForecastBytes(first.Format.LatentDims, manifest.Recipe.InputDims, first.Coding, entries.Zip(headers, (entry, header) => new IndexedCodes(entry.Rows, header.Format.K, header.Format.Grid)))
            + entries.Where(entry => entry.Labels is not null).Sum(entry => (long)entry.Rows * RowIds.BytesPerRow);
        return bytes <= options.MaxIndexBytes && rows <= Array.MaxLength
            ? first
            : throw new ModelException(ProblemTypes.IndexTooLarge,
                $"An index of the {rows} rows of model \"{manifest.Dataset}\" would take up to {bytes} bytes; {HierEmbedOptions.Section}__MaxIndexBytes allows {options.MaxIndexBytes}. Raise it where there is memory to build it and room in the scratch folder, or search files with hierembed search.");
    }

    private static ModelException NoCodes(ModelManifest manifest, string found) => new(ProblemTypes.NoStoredCodes,
        $"Version \"{manifest.Version}\" of model \"{manifest.Dataset}\" {found}. Start a run with POST /api/v1/runs: it codes and stores the rows.");
}
