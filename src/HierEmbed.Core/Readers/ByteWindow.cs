using System.Buffers;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers;

/// <summary>A window that slides over a stream: what was consumed makes room, and it grows where one value needs that.</summary>
internal sealed class ByteWindow(string file, Stream stream, int maxTokenBytes) : IDisposable
{
#if DEBUG
    // Small, so that tests meet the refilling and growing paths.
    private const int FirstBufferBytes = 64;
#else
    private const int FirstBufferBytes = 256 * 1024;
#endif

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    private int start;
    private int end;

    /// <summary>What was read and not consumed.</summary>
    public Span<byte> Unread => buffer.AsSpan(start, end - start);

    /// <summary>Bytes consumed so far.</summary>
    public long Consumed { get; private set; }

    /// <summary>Whether all of the stream was read.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>Moves on.</summary>
    public void Consume(int bytes)
    {
        start += bytes;
        Consumed += bytes;
    }

    /// <summary>Reads more behind what is there.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool Fill(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsFinal)
            return false;
        if (end - start > maxTokenBytes)
            throw new EmbeddingFileException(ProblemTypes.MalformedFile, file,
                $"the value at byte {Consumed} is longer than {maxTokenBytes} bytes; expected an embedding or a text. Write one list of numbers for each embedding.");
        if (start > 0)
        {
            Unread.CopyTo(buffer);
            (start, end) = (0, end - start);
        }
        if (end == buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.CopyTo(larger, 0);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        int read = stream.Read(buffer.AsSpan(end));
        end += read;
        IsFinal = read == 0;
        return read > 0;
    }

    public void Dispose()
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        (start, end) = (0, 0);
    }
}
