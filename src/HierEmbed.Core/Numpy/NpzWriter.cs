using System.IO.Compression;

namespace HierEmbed.Core.Numpy;

/// <summary>Writes named arrays into one <c>.npz</c>, as <c>numpy.savez</c> does. The same arrays give the same bytes: no time is recorded.</summary>
public sealed class NpzWriter : IDisposable
{
    /// <summary>The first time that a zip can hold.</summary>
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Stream target;
    private readonly ZipArchive archive;
    private readonly FileStream? waiting;
    private readonly CompressionLevel level;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    /// <summary>Begins a file.</summary>
    /// <param name="target">Where it is written; stays open. Where it cannot seek, the file waits on the disk until it is whole.</param>
    /// <param name="level">NoCompression stores the members as they are.</param>
    public NpzWriter(Stream target, CompressionLevel level = CompressionLevel.NoCompression)
    {
        this.target = target;
        // Written to where it cannot seek, a zip has the sizes behind the members: other bytes, which some readers refuse for members that are stored.
        waiting = target.CanSeek ? null : TemporaryFile.Create();
        archive = new ZipArchive(waiting ?? target, ZipArchiveMode.Create, leaveOpen: true);
        this.level = level;
    }

    /// <summary>Adds an array.</summary>
    /// <typeparam name="T">Half, float, double, int, long, sbyte or byte.</typeparam>
    /// <param name="name">Its name, without <c>.npy</c>.</param>
    /// <param name="values">The values, the last index varying fastest.</param>
    /// <param name="shape">Sizes whose product is the number of values; none for a scalar.</param>
    public void Add<T>(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape) where T : unmanaged
    {
        using Stream member = Open(name);
        NpyWriter.Write(member, values, shape);
    }

    /// <summary>Begins a member whose header and values the caller writes with <see cref="NpyWriter"/>; to be disposed before the next one.</summary>
    /// <param name="name">Its name, without <c>.npy</c>.</param>
    /// <param name="memberLevel">Null: the file's.</param>
    /// <exception cref="ArgumentException">There is a member of that name.</exception>
    public Stream Open(string name, CompressionLevel? memberLevel = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!names.Add(name))
            throw new ArgumentException($"The .npz has a member {name} already.", nameof(name));
        ZipArchiveEntry entry = archive.CreateEntry($"{name}.npy", memberLevel ?? level);
        entry.LastWriteTime = NoTime;
        return entry.Open();
    }

    /// <summary>Writes the directory, without which the file cannot be read.</summary>
    public void Dispose()
    {
        archive.Dispose();
        if (waiting is null)
            return;
        using (waiting)
        {
            waiting.Position = 0;
            waiting.CopyTo(target);
        }
    }
}
