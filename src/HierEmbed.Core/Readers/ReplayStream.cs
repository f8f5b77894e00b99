namespace HierEmbed.Core.Readers;

/// <summary>A stream that cannot seek, with its first bytes, which were read already, put back before it.</summary>
internal sealed class ReplayStream(ReadOnlyMemory<byte> head, Stream rest) : Stream
{
    private ReadOnlyMemory<byte> left = head;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Reads a stream's first bytes and gives them back: by seeking where that works.</summary>
    /// <returns>The first bytes, fewer where the stream is shorter, and a stream that still has them.</returns>
    public static (byte[] Head, Stream Whole) Peek(Stream stream, int bytes)
    {
        var buffer = new byte[bytes];
        long start = stream.CanSeek ? stream.Position : 0;
        int read = stream.ReadAtLeast(buffer, bytes, throwOnEndOfStream: false);
        byte[] head = buffer[..read];
        if (!stream.CanSeek)
            return (head, new ReplayStream(head, stream));
        stream.Position = start;
        return (head, stream);
    }

    public override int Read(Span<byte> buffer)
    {
        if (left.IsEmpty)
            return rest.Read(buffer);
        int count = Math.Min(buffer.Length, left.Length);
        left.Span[..count].CopyTo(buffer);
        left = left[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }
}
