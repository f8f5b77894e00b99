using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Storage.Folders;

/// <summary>Reads one state of a file: every read fails once the file was changed in place. A file that was replaced or deleted reads on as it was.</summary>
/// <remarks>A change in place that keeps the size, within the file system's tick (some milliseconds) of the last one, cannot be seen.</remarks>
internal sealed class PinnedFile(SafeFileHandle handle, string name, FileState opened) : Stream
{
    private long position;

    public override bool CanRead => !handle.IsClosed;

    public override bool CanSeek => !handle.IsClosed;

    public override bool CanWrite => false;

    public override long Length => opened.Bytes;

    public override long Position
    {
        get => position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(Span<byte> buffer)
    {
        int read = RandomAccess.Read(handle, buffer, position);
        RequireUnchanged();
        position += read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await RandomAccess.ReadAsync(handle, buffer, position, cancellationToken);
        RequireUnchanged();
        position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => position, _ => Length };
        ArgumentOutOfRangeException.ThrowIfNegative(target, nameof(offset));
        return position = target;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            handle.Dispose();
        base.Dispose(disposing);
    }

    // After the read: what it returned was there before this look.
    private void RequireUnchanged()
    {
        if (FileState.Shallow(handle) != opened)
            throw new ArtifactChangedException(name, opened.ETag);
    }
}
