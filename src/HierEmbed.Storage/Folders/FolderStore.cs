using System.Runtime.CompilerServices;
using HierEmbed.Core.Errors;
using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Storage.Folders;

/// <summary>A container that is a folder: artifacts are its files, and people may drop, read and delete files in it by hand.</summary>
/// <remarks>
/// Content is written to <c>.tmp/</c>, flushed to disk and renamed into place, under a lock on the name that holds between processes
/// (<c>.locks/</c>); readers take no lock. The folder has to lie on one file system, one that has file locks. After a power failure the
/// latest writes may be undone, but none is there by half. ETags: see <see cref="OpenReadAsync"/>. Hidden files are no artifacts.
/// </remarks>
public sealed class FolderStore : IArtifactStore
{
    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(1);
    private readonly string temporary;
    private readonly string locks;

    /// <summary>Opens a folder, makes it where it is missing, and removes what writers that were killed left behind more than a day ago.</summary>
    /// <param name="root">The folder.</param>
    public FolderStore(string root)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        temporary = Path.Join(Root, ".tmp");
        locks = Path.Join(Root, ".locks");
        Directory.CreateDirectory(Root);
        RemoveStale();
    }

    /// <summary>The folder, as a full path.</summary>
    public string Root { get; }

    /// <inheritdoc />
    public Task<bool> ExistsAsync(CancellationToken cancellationToken = default) => Task.FromResult(Directory.Exists(Root));

    /// <inheritdoc />
    public async Task<ArtifactInfo?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        (await FindStateAsync(PathOf(name), cancellationToken))?.ToInfo(name);

    /// <inheritdoc />
    /// <remarks>
    /// Up to 64 KB the ETag is a hash of the content, and the stream holds what was hashed. A greater file's ETag is its size and time of
    /// writing; its stream looks at both after each read, so a file that is changed in place is noticed, and one that is replaced reads on as it was.
    /// </remarks>
    public async Task<Stream> OpenReadAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        SafeFileHandle handle = OpenOrNull(PathOf(name)) ?? throw new ArtifactNotFoundException(name);
        try
        {
            FileState state = await FileState.OfAsync(handle, cancellationToken);
            if (ifMatch is not null && state.ETag != ifMatch)
                throw new ArtifactChangedException(name, ifMatch);
            if (state.Content is null)
                return new BufferedStream(new PinnedFile(handle, name, state), 64 * 1024);
            handle.Dispose();
            return new MemoryStream(state.Content, writable: false);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<int> ReadRangeAsync(string name, long offset, Memory<byte> part, CancellationToken cancellationToken = default)
    {
        using SafeFileHandle handle = OpenOrNull(PathOf(name)) ?? throw new ArtifactNotFoundException(name);
        int filled = 0;
        for (int read = -1; read != 0 && filled < part.Length; filled += read)
            read = await RandomAccess.ReadAsync(handle, part[filled..], offset + filled, cancellationToken);
        return filled;
    }

    /// <inheritdoc />
    public async Task<string?> WriteAsync(string name, Func<Stream, CancellationToken, Task> write, WriteCondition condition, CancellationToken cancellationToken = default)
    {
        string path = PathOf(name);
        // Spares the writing where it is clear beforehand; what counts is the look under the lock.
        if (condition != WriteCondition.Always && !Holds(condition, await FindStateAsync(path, cancellationToken)))
            return null;
        string made = Path.Join(temporary, Guid.NewGuid().ToString("N"));
        try
        {
            FileState state = await WriteTemporaryAsync(made, write, cancellationToken);
            using (await NameLock.TakeAsync(locks, name, cancellationToken))
            {
                FileState? there = await FindStateAsync(path, cancellationToken);
                if (!Holds(condition, there))
                    return null;
                return Appear(made, path, name, AfterOld(made, state, there)).ETag;
            }
        }
        finally
        {
            if (File.Exists(made))
                File.Delete(made);
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ArtifactInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (string name in FolderListing.Names(Root, prefix))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await FindAsync(name, cancellationToken) is { } info)
                yield return info;
        }
    }

    /// <inheritdoc />
    public async Task<bool> DeleteAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        string path = PathOf(name);
        using (await NameLock.TakeAsync(locks, name, cancellationToken))
        {
            if (await FindStateAsync(path, cancellationToken) is not { } there)
                return true;
            if (ifMatch is not null && there.ETag != ifMatch)
                return false;
            File.Delete(path);
        }
        RemoveEmptyFolders(Path.GetDirectoryName(path)!);
        return true;
    }

    private string PathOf(string name) => Path.Join(Root, ArtifactNames.Require(name).Replace('/', Path.DirectorySeparatorChar));

    private static bool Holds(WriteCondition condition, FileState? there) =>
        condition.MustBeAbsent ? there is null : condition.IfMatch is null || there?.ETag == condition.IfMatch;

    private static async Task<FileState?> FindStateAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using SafeFileHandle? handle = OpenOrNull(path);
            return handle is null ? null : await FileState.OfAsync(handle, cancellationToken);
        }
        catch (UnauthorizedAccessException)
        {
            // It is there and may not be read: whoever reads it is told so. A listing of everything goes on.
            var file = new FileInfo(path);
            return file.Exists ? new FileState(file.Length, file.LastWriteTimeUtc, null) : null;
        }
    }

    private static SafeFileHandle? OpenOrNull(string path)
    {
        try
        {
            return FileState.Open(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException || !File.Exists(path))
        {
            return null; // Nothing there, or a folder, or a file where a folder would have to be: no artifact.
        }
    }

    private async Task<FileState> WriteTemporaryAsync(string made, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(temporary);
        await using (var stream = new FileStream(made, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024, FileOptions.Asynchronous))
            await write(stream, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        // Opened again, because the writer may have closed the stream.
        using SafeFileHandle handle = File.OpenHandle(made, FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.Asynchronous);
        RandomAccess.FlushToDisk(handle);
        return await FileState.OfAsync(handle, cancellationToken);
    }

    /// <summary>Gives a large file a later time than the one that it replaces: within one tick of the file system's clock their ETags could be equal.</summary>
    private static FileState AfterOld(string made, FileState state, FileState? there)
    {
        if (state.Content is not null || there is null || state.LastWrite > there.LastWrite)
            return state;
        File.SetLastWriteTimeUtc(made, there.LastWrite.AddTicks(1));
        using SafeFileHandle handle = FileState.Open(made);
        return FileState.Shallow(handle);
    }

    /// <summary>EEXIST, and ERROR_ALREADY_EXISTS on Windows.</summary>
    private static int AlreadyExists => OperatingSystem.IsWindows() ? unchecked((int)0x800700B7) : 17;

    private static FileState Appear(string made, string path, string name, FileState state)
    {
        string folder = Path.GetDirectoryName(path)!;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(folder);
                File.Move(made, path, overwrite: true);
                return state;
            }
            catch (Exception e) when (e is (IOException or UnauthorizedAccessException) && IsFileAndFolder(path))
            {
                throw new RequestException(ProblemTypes.InvalidRequest,
                    $"{name} cannot be written: in a folder store a name is a file or a folder, not both. Choose another name, or delete what is in its way.", e);
            }
            catch (IOException e) when ((e is DirectoryNotFoundException or FileNotFoundException || e.HResult == AlreadyExists) && attempt < 1000 && File.Exists(made))
            {
                // Somebody deleted the last file of the folder and then the folder, between the two calls above or inside the first, which
                // finds the folder there, looks again and does not: again.
            }
        }
    }

    private static bool IsFileAndFolder(string path)
    {
        if (Directory.Exists(path))
            return true;
        while ((path = Path.GetDirectoryName(path)!) is not null)
        {
            if (File.Exists(path))
                return true;
        }
        return false;
    }

    private void RemoveEmptyFolders(string folder)
    {
        try
        {
            for (; folder.Length > Root.Length; folder = Path.GetDirectoryName(folder)!)
                Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not empty, gone already, or not ours to remove: an empty folder harms nothing.
        }
    }

    private void RemoveStale()
    {
        if (!Directory.Exists(temporary))
            return;
        foreach (string file in Directory.EnumerateFiles(temporary))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > StaleAfter)
                File.Delete(file);
        }
    }
}
