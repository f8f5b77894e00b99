using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Storage.Folders;

/// <summary>
/// An exclusive lock on a name between all processes that use one folder: a lock file held open. The operating system releases it
/// when the process ends, however it ends.
/// </summary>
internal sealed class NameLock : IDisposable
{
    // What a lock file held by another gives: EWOULDBLOCK on Linux and macOS, a sharing violation on Windows.
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly SafeFileHandle handle;

    private NameLock(SafeFileHandle handle) => this.handle = handle;

    /// <summary>Waits for the lock.</summary>
    /// <param name="folder">Folder of the lock files.</param>
    /// <param name="name">The artifact's name.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="IOException">Another holds it for a minute, where milliseconds are usual.</exception>
    public static async Task<NameLock> TakeAsync(string folder, string name, CancellationToken cancellationToken)
    {
        // Names share 256 files, which stay: removing a lock file would let two processes hold the same lock, one on the removed file.
        byte stripe = SHA256.HashData(Encoding.UTF8.GetBytes(name))[0];
        string path = Path.Join(folder, stripe.ToString("x2", CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new NameLock(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException e) when (Held.Contains(e.HResult))
            {
                TimeSpan waited = Stopwatch.GetElapsedTime(start);
                if (waited > Patience)
                    throw new IOException($"{name} has been locked by another process for {waited.TotalSeconds:F0} s ({path}). End that process if it hangs.", e);
                // Random, so that those who wait do not look in step.
                await Task.Delay(Random.Shared.Next(1, 8), cancellationToken);
            }
        }
    }

    public void Dispose() => handle.Dispose();
}
