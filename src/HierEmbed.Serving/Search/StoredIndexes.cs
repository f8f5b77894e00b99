using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Core.Search;
using HierEmbed.Serving.Catalog;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Serving.Search;

/// <summary>Indexes of served versions in the scratch folder: built once, mapped, and used again after a restart while they are of the same codes.</summary>
/// <param name="options">The scratch folder, threads.</param>
/// <param name="log">Told of files that could not be used or deleted.</param>
internal sealed class StoredIndexes(HierEmbedOptions options, ILogger log)
{
    private readonly string folder = string.IsNullOrEmpty(options.ScratchPath) ? Path.GetTempPath() : Path.GetFullPath(options.ScratchPath);

    /// <summary>Opens the index of codes; builds it where there is none, or one of other codes, or a damaged one. Small ones are built in memory in no time.</summary>
    /// <param name="manifest">The version.</param>
    /// <param name="files">Its codes.</param>
    /// <param name="dictionary">Its dictionary; null for codes of the encoder.</param>
    /// <param name="cancellationToken">Cancels the building.</param>
    /// <exception cref="ModelException">There is no room for it.</exception>
    public SearchIndex Open(ModelManifest manifest, IReadOnlyList<CodeFile> files, LinearDecoder? dictionary, CancellationToken cancellationToken)
    {
        if (files.Sum(file => file.Rows) <= SearchIndex.ScannedRows)
            return SearchIndex.Build(files, dictionary, options.Threads, cancellationToken);
        string path = PathOf(manifest.Dataset, manifest.Version);
        if (Find(path, manifest, SearchIndex.SourceOf(files)) is { } found)
            return found;
        using (SearchIndex built = SearchIndex.Build(files, dictionary, options.Threads, cancellationToken))
        {
            try
            {
                Directory.CreateDirectory(folder);
                built.Save(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ModelException(ProblemTypes.TooLittleSpace,
                    $"The search index cannot be written to the scratch folder: {e.Message.TrimEnd('.')}. Make room there, or set {HierEmbedOptions.Section}__ScratchPath to another folder.", e);
            }
        }
        foreach (string other in Directory.EnumerateFiles(folder, Path.GetFileName(PathOf(manifest.Dataset, "*"))).Where(other => other != path))
            Delete(other);
        return SearchIndex.Open(path);
    }

    // No dataset has a dot in its name.
    private string PathOf(string dataset, string version) => Path.Combine(folder, $"hierembed.{dataset}.{version}.index");

    private SearchIndex? Find(string path, ModelManifest manifest, ulong source)
    {
        if (!File.Exists(path))
            return null;
        SearchIndex? index = null;
        try
        {
            index = SearchIndex.Open(path);
            if (index.ModelId == manifest.ModelId && index.Source == source)
            {
                index.Verify();
                return index;
            }
        }
        catch (ModelException e)
        {
            CatalogLog.IndexDamaged(log, e, manifest.Dataset, manifest.Version);
        }
        index?.Dispose();
        return null;
    }

    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Where it is mapped still, some systems keep it.
            CatalogLog.IndexKept(log, e, path);
        }
    }
}
