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
    private static readonly TimeSpan UnfinishedFor = TimeSpan.FromDays(1);

    private readonly string folder = string.IsNullOrEmpty(options.ScratchPath) ? Path.GetTempPath() : Path.GetFullPath(options.ScratchPath);

    /// <summary>Opens the index of codes; builds it where there is none, or one of other codes, or a damaged one. Small ones are built in memory in no time.</summary>
    /// <param name="manifest">The version.</param>
    /// <param name="files">Its codes.</param>
    /// <param name="dictionary">Its dictionary; null for codes of the encoder.</param>
    /// <param name="cancellationToken">Cancels the building.</param>
    /// <exception cref="ModelException">There is no room for it, or what was written cannot be read again.</exception>
    public SearchIndex Open(ModelManifest manifest, IReadOnlyList<CodeFile> files, LinearDecoder? dictionary, CancellationToken cancellationToken)
    {
        if (files.Sum(file => file.Rows) <= SearchIndex.ScannedRows)
            return SearchIndex.Build(files, dictionary, options.Threads, cancellationToken);
        ulong source = SearchIndex.SourceOf(files);
        string path = PathOf(manifest.Dataset, manifest.Version, $"{source:x16}");
        if (Find(path, manifest, source) is { } found)
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
                // Some systems replace no file that is mapped: another process may have built it meanwhile.
                return Find(path, manifest, source) ?? throw new ModelException(ProblemTypes.TooLittleSpace,
                    $"The search index cannot be written to the scratch folder: {e.Message.TrimEnd('.')}. Make room there, or set {HierEmbedOptions.Section}__ScratchPath to another folder.", e);
            }
        }
        Clear(manifest, path);
        return Find(path, manifest, source) ?? throw new ModelException(ProblemTypes.CorruptArtifact,
            $"{Path.GetFileName(path)} was written to the scratch folder and cannot be read again. Check the disk, or set {HierEmbedOptions.Section}__ScratchPath to a folder that nothing else writes to.");
    }

    /// <summary>Deletes the files of a version that is gone.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="version">The version.</param>
    public void Delete(string dataset, string version) => Delete(PathOf(dataset, version, "*"), _ => true);

    // No dataset has a dot in its name. What it was built of is in the name: codes that are replaced get a file beside the one that may be searched still.
    private string PathOf(string dataset, string version, string source) => Path.Combine(folder, $"hierembed.{dataset}.{version}.{source}.index");

    private SearchIndex? Find(string path, ModelManifest manifest, ulong source)
    {
        SearchIndex? index = null;
        try
        {
            if (!File.Exists(path))
                return null;
            index = SearchIndex.Open(path);
            if (index.ModelId == manifest.ModelId && index.Source == source)
            {
                index.Verify();
                return index;
            }
        }
        catch (Exception e) when (e is ModelException or IOException or UnauthorizedAccessException)
        {
            CatalogLog.IndexDamaged(log, e, manifest.Dataset, manifest.Version);
        }
        index?.Dispose();
        return null;
    }

    /// <summary>Deletes indexes of the version's codes before, and what a process that ended left unfinished.</summary>
    private void Clear(ModelManifest manifest, string path)
    {
        Delete(PathOf(manifest.Dataset, manifest.Version, "*"), other => other != path);
        Delete(PathOf("*", "*", "*") + ".*.tmp", unfinished => DateTime.UtcNow - File.GetLastWriteTimeUtc(unfinished) > UnfinishedFor);
    }

    /// <summary>Deletes files as well as it can: where one is mapped still, some systems keep it.</summary>
    private void Delete(string pattern, Func<string, bool> isOld)
    {
        try
        {
            if (!Directory.Exists(folder))
                return;
            foreach (string path in Directory.EnumerateFiles(folder, Path.GetFileName(pattern)).Where(isOld))
                File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CatalogLog.IndexKept(log, e, pattern);
        }
    }
}
