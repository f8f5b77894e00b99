using System.Runtime.ExceptionServices;

namespace HierEmbed.Core.Readers.Parquet;

/// <summary>The file as native code reads it: from the stream's position on. What reading it throws is kept, because native code forgets it.</summary>
internal sealed class ParquetSource(Stream stream) : Stream
{
    private readonly long start = stream.Position;
    private ExceptionDispatchInfo? fault;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => stream.Length - start;
    public override long Position { get => stream.Position - start; set => Seek(value, SeekOrigin.Begin); }

    /// <summary>Throws what reading the stream threw, where it did.</summary>
    public void ThrowFault() => fault?.Throw();

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception e)
        {
            fault ??= ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => Position, _ => Length };
        stream.Position = start + Math.Clamp(target, 0, Length);
        return Position;
    }

    public override void Flush() { }
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            stream.Dispose();
        base.Dispose(disposing);
    }
}
