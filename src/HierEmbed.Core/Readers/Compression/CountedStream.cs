namespace HierEmbed.Core.Readers.Compression;

/// <summary>Counts what is read from a stream.</summary>
internal sealed class CountedStream(Stream inner) : ForwardStream(inner)
{
    /// <summary>Bytes read so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether the end was reached.</summary>
    public bool AtEnd { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int read = Inner.Read(buffer);
        Bytes += read;
        AtEnd |= read == 0 && buffer.Length > 0;
        return read;
    }
}
