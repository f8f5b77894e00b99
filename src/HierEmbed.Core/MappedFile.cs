using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace HierEmbed.Core;

/// <summary>A file mapped into memory, to be read in stretches. Thread-safe.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? file;
    private readonly MemoryMappedViewAccessor? view;
    private readonly byte* first;
    private volatile bool disposed;

    /// <param name="path">The file; it must not be written to while it is open.</param>
    public MappedFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Length = stream.Length;
        // An empty file cannot be mapped, and has nothing to read.
        if (Length == 0)
            return;
        file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        first = pointer + view.PointerOffset;
    }

    /// <summary>Its length.</summary>
    public long Length { get; }

    /// <summary>A stretch of it, not to be read once this is disposed.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="bytes">Its length.</param>
    public ReadOnlySpan<byte> Bytes(long offset, int bytes)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Length - offset);
        return new ReadOnlySpan<byte>(first + offset, bytes);
    }

    /// <summary>The same, to be kept.</summary>
    /// <inheritdoc cref="Bytes"/>
    public ReadOnlyMemory<byte> Slice(long offset, long bytes)
    {
        int length = checked((int)bytes);
        _ = Bytes(offset, length);
        return new Stretch(first + offset, length).Memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Once: the pointer is counted.
        if (disposed)
            return;
        disposed = true;
        view?.SafeMemoryMappedViewHandle.ReleasePointer();
        view?.Dispose();
        file?.Dispose();
    }

    private sealed class Stretch(byte* start, int bytes) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, bytes);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
