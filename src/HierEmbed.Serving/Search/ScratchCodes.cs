using System.Collections.Concurrent;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Models;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Search;

/// <summary>Copies of code files on the local disk, where they can be mapped. They go with this, and where the system allows it with the process too.</summary>
/// <param name="results">The results container.</param>
/// <param name="scratchPath">Folder of scratch files; null: the system's.</param>
internal sealed class ScratchCodes(IArtifactStore results, string? scratchPath) : IDisposable
{
    private const int MaxParallel = 4;

    // Files keep their names, so that messages can say them.
    private readonly string folder = Path.Combine(string.IsNullOrEmpty(scratchPath) ? Path.GetTempPath() : Path.GetFullPath(scratchPath), $"hierembed-codes-{Guid.NewGuid():N}");
    private readonly ConcurrentDictionary<string, CodeFile> files = new(StringComparer.Ordinal);

    /// <summary>Copies and opens the codes of blocks.</summary>
    /// <param name="source">Folder of the codes in the container.</param>
    /// <param name="entries">The blocks.</param>
    /// <param name="modelId">The model that they must be of.</param>
    /// <param name="cancellationToken">Cancels the copying.</param>
    /// <returns>A file for each block; one and the same for blocks whose codes are.</returns>
    /// <exception cref="Core.Errors.ModelException">A file is damaged, or of another model.</exception>
    public async Task<IReadOnlyList<CodeFile>> FetchAsync(string source, IReadOnlyList<CodesIndexEntry> entries, string modelId, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await Parallel.ForEachAsync(entries.DistinctBy(entry => entry.Codes), new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken }, async (entry, ct) =>
        {
            string path = Path.Combine(folder, entry.Codes);
            await using (FileStream copy = new(path, FileMode.CreateNew, FileAccess.Write))
            await using (Stream stored = await results.OpenReadAsync(source + entry.Codes, null, ct))
                await stored.CopyToAsync(copy, ct);
            files[entry.Codes] = CodeFile.Open(path, modelId);
        });
        foreach (CodesIndexEntry entry in entries)
        {
            if (files[entry.Codes].Rows != entry.Rows)
                throw RangedReads.Damaged(source + entry.Codes, $"it holds {files[entry.Codes].Rows} rows, the index of the run lists {entry.Rows}");
        }
        // What is mapped stays readable without a name, and then nothing is left behind however the process ends.
        if (!OperatingSystem.IsWindows())
            Directory.Delete(folder, recursive: true);
        return [.. entries.Select(entry => files[entry.Codes])];
    }

    /// <summary>Closes the files and deletes the copies.</summary>
    public void Dispose()
    {
        foreach (CodeFile file in files.Values)
            file.Dispose();
        files.Clear();
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
