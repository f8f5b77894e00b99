namespace HierEmbed.Core.Readers;

/// <summary>A stream that cannot seek, with its first bytes, which were read already, put back before it.</summary>
internal sealed class ReplayStream(ReadOnlyMemory<byte> head, Stream rest) : ForwardStream(rest)
{
    private ReadOnlyMemory<byte> left = head;

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
            return Inner.Read(buffer);
        int count = Math.Min(buffer.Length, left.Length);
        left.Span[..count].CopyTo(buffer);
        left = left[count..];
        return count;
    }
}
