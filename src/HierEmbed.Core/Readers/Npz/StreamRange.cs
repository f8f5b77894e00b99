namespace HierEmbed.Core.Readers.Npz;

/// <summary>A part of a stream that can seek, from front to back. Others may move the stream in between; it stays open.</summary>
internal sealed class StreamRange(Stream stream, long offset, long bytes) : Stream
{
    private long done;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (stream.Position != offset + done)
            stream.Position = offset + done;
        int read = stream.Read(buffer[..(int)Math.Min(buffer.Length, bytes - done)]);
        done += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
