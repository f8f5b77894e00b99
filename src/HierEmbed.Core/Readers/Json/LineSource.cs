using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Json;

/// <summary>Cuts a stream into lines that are not blank.</summary>
internal sealed class LineSource(string file, Stream stream, int maxLineBytes) : IDisposable
{
    private readonly ByteWindow window = new(file, stream, maxLineBytes);
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
            int length = window.Unread[searched..].IndexOf((byte)'\n');
            bool ended = length < 0;
            if (ended)
            {
                searched = window.Unread.Length;
                if (Fill(cancellationToken))
                    continue;
                line = window.Unread;
                window.Consume(searched);
            }
            else
            {
                length += searched;
                line = window.Unread[..length];
                window.Consume(length + 1);
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
        window.Dispose();
        stream.Dispose();
    }

    /// <summary>Reads more behind what is there.</summary>
    private bool Fill(CancellationToken cancellationToken)
    {
        if (window.Unread.Length > maxLineBytes)
            throw new EmbeddingFileException(ProblemTypes.MalformedFile, file, $"the line is longer than {maxLineBytes} bytes; expected one row a line. Write one embedding a line.", lines);
        return window.Fill(cancellationToken);
    }
}
