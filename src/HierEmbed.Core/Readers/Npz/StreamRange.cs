namespace HierEmbed.Core.Readers.Npz;

/// <summary>A part of a stream that can seek, from front to back. Others may move the stream in between; it stays open.</summary>
internal sealed class StreamRange(Stream stream, long offset, long bytes) : ForwardStream(stream, leaveOpen: true)
{
    private long done;

    public override int Read(Span<byte> buffer)
    {
        if (Inner.Position != offset + done)
            Inner.Position = offset + done;
        int read = Inner.Read(buffer[..(int)Math.Min(buffer.Length, bytes - done)]);
        done += read;
        return read;
    }
}
