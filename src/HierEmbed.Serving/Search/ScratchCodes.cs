using System.Buffers;
using System.Collections.Concurrent;
using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Storage;
using Microsoft.Win32.SafeHandles;

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
    /// <exception cref="ModelException">A file is damaged, or of another model, or there is no room for it.</exception>
    public async Task<IReadOnlyList<CodeFile>> FetchAsync(string source, IReadOnlyList<CodesIndexEntry> entries, string modelId, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(entries.DistinctBy(entry => entry.Codes), new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken }, async (entry, ct) =>
        {
            string path = Path.Combine(folder, entry.Codes);
            await using (Stream stored = await results.OpenReadAsync(source + entry.Codes, null, ct))
                await CopyAsync(stored, path, ct);
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

    /// <summary>Closes files that nothing is looked up in once their codes are in the index. What they say of their kind stays known.</summary>
    public void CloseThoseWithoutIds()
    {
        foreach (CodeFile file in files.Values)
        {
            if (!file.HasIds)
                file.Dispose();
        }
    }

    private async Task CopyAsync(Stream stored, string path, CancellationToken cancellationToken)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            using SafeFileHandle copy = Local(() =>
            {
                Directory.CreateDirectory(folder);
                return File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);
            });
            long at = 0;
            while (await stored.ReadAsync(piece, cancellationToken) is > 0 and int read)
            {
                Local(() =>
                {
                    RandomAccess.Write(copy, piece.AsSpan(0, read), at);
                    return 0;
                });
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>What the local disk refuses is no fault of what is stored.</summary>
    private static T Local<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(ProblemTypes.TooLittleSpace,
                $"Codes cannot be copied to the scratch folder: {e.Message.TrimEnd('.')}. Make room there, or set {HierEmbedOptions.Section}__ScratchPath to another folder.", e);
        }
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
