using System.Buffers;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Json;

/// <summary>Cuts a stream into lines that are not blank, in a pooled buffer that grows to the longest line.</summary>
internal sealed class LineSource(string file, Stream stream, int maxLineBytes) : IDisposable
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
    private long lines;
    private bool atBeginning = true;

    /// <summary>Whether the line that was brought last is the file's last and has no end of its own.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Brings the next line without its end, valid until the next call.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool TryRead(out Span<byte> line, CancellationToken cancellationToken)
    {
        int searched = 0;
        while (true)
        {
            int length = buffer.AsSpan(start + searched, end - start - searched).IndexOf((byte)'\n');
            bool ended = length < 0;
            if (ended)
            {
                searched = end - start;
                if (Fill(cancellationToken))
                    continue;
                length = searched;
                line = buffer.AsSpan(start, length);
                start = end;
            }
            else
            {
                length += searched;
                line = buffer.AsSpan(start, length);
                start += length + 1;
            }
            if (atBeginning && line.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
                line = line[3..];
            atBeginning = false;
            if (!line.IsEmpty && line.IndexOfAnyExcept(" \t\r"u8) >= 0)
            {
                lines++;
                IsOpen = ended;
                return true;
            }
            if (ended)
                return false;
            searched = 0;
        }
    }

    public void Dispose()
    {
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        stream.Dispose();
    }

    /// <summary>Reads more behind what is there.</summary>
    private bool Fill(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (end - start > maxLineBytes)
            throw new EmbeddingFileException(ProblemTypes.MalformedFile, file, $"the line is longer than {maxLineBytes} bytes; expected one row a line. Write one embedding a line.", lines);
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
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
        return read > 0;
    }
}
