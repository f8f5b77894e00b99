using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Storage.Folders;

/// <summary>One state of an open file.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="LastWrite">When it was written, UTC, to the file system's precision.</param>
/// <param name="Content">All of it where it is small, else null.</param>
internal sealed record FileState(long Bytes, DateTime LastWrite, byte[]? Content)
{
    /// <summary>Files up to this size are known by a hash of their content, so two writings within one tick of the file system's clock differ.</summary>
    public const int HashedBytes = 64 * 1024;

    /// <summary>Opens a file that others may read, replace, rename or delete meanwhile.</summary>
    public static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);

    /// <summary>Changes with the content: a hash of it for small files, else size and time of writing.</summary>
    public string ETag => Content is null
        ? string.Create(CultureInfo.InvariantCulture, $"{Bytes:x}-{LastWrite.Ticks:x}")
        : Convert.ToHexStringLower(SHA256.HashData(Content).AsSpan(0, 16));

    /// <summary>Size and time of writing as they are now.</summary>
    public static FileState Shallow(SafeFileHandle handle) => new(RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle), null);

    /// <summary>The state of an open file, small content included.</summary>
    public static async Task<FileState> OfAsync(SafeFileHandle handle, CancellationToken cancellationToken)
    {
        FileState state = Shallow(handle);
        if (state.Bytes > HashedBytes)
            return state;
        // One byte more: a file that grows meanwhile past the limit is taken by size and time.
        byte[] buffer = new byte[HashedBytes + 1];
        int filled = 0;
        for (int read = -1; read != 0 && filled < buffer.Length; filled += read)
            read = await RandomAccess.ReadAsync(handle, buffer.AsMemory(filled), filled, cancellationToken);
        return filled > HashedBytes ? Shallow(handle) : state with { Bytes = filled, Content = buffer[..filled] };
    }

    /// <summary>The artifact that this is a state of.</summary>
    public ArtifactInfo ToInfo(string name) => new(name, Bytes, ETag, new DateTimeOffset(LastWrite));
}
