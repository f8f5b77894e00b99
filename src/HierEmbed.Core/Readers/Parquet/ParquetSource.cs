using System.Runtime.ExceptionServices;

namespace HierEmbed.Core.Readers.Parquet;

/// <summary>The file as native code reads it: from the stream's position on. What reading it throws is kept, because native code forgets it.</summary>
internal sealed class ParquetSource(Stream stream) : Stream
{
    private readonly long start = stream.Position;
    private ExceptionDispatchInfo? fault;
    private (long Bytes, long Values)? nextChunk;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => stream.Length - start;
    public override long Position { get => stream.Position - start; set => Seek(value, SeekOrigin.Begin); }

    /// <summary>Checks the pages of the column chunk that is read next, where it begins: only native code knows where that is.</summary>
    /// <param name="bytes">Bytes of the chunk.</param>
    /// <param name="values">Values that it declares.</param>
    public void CheckNextChunk(long bytes, long values) => nextChunk = (bytes, values);

    /// <summary>Ends that: the chunk was read, or is empty.</summary>
    public void CheckNoChunk() => nextChunk = null;

    /// <summary>What a check found, where it found something.</summary>
    public InvalidDataException? Damage => fault?.SourceException as InvalidDataException;

    /// <summary>Throws what reading the stream threw, where it did.</summary>
    public void ThrowFault()
    {
        if (Damage is null)
            fault?.Throw();
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            if (nextChunk is { } chunk)
            {
                nextChunk = null;
                long at = stream.Position;
                ParquetPages.Check(stream, Math.Min(chunk.Bytes, stream.Length - at), chunk.Values);
                stream.Position = at;
            }
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
