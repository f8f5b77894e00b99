using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace HierEmbed.Core.Search;

/// <summary>A file mapped into memory, to be read in stretches.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private byte* start;

    /// <param name="path">The file, not empty.</param>
    public MappedFile(string path)
    {
        using (FileStream stream = File.OpenRead(path))
        {
            Length = stream.Length;
            file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        }
        view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    /// <summary>Its length.</summary>
    public long Length { get; }

    /// <summary>A stretch of it, not to be read once this is disposed.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="bytes">Its length.</param>
    public ReadOnlyMemory<byte> Slice(long offset, long bytes)
    {
        ObjectDisposedException.ThrowIf(start is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Length - offset);
        return new Stretch(start + view.PointerOffset + offset, checked((int)bytes)).Memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Once: the pointer is counted.
        if (start is not null)
        {
            start = null;
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
        view.Dispose();
        file.Dispose();
    }

    private sealed class Stretch(byte* first, int bytes) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(first, bytes);

        public override MemoryHandle Pin(int elementIndex = 0) => new(first + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
