using System.Text.Json;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Json;

/// <summary>Cuts the elements out of a JSON list that is known to be well formed, one at a time.</summary>
/// <param name="file">The file's name.</param>
/// <param name="stream">At the list's first byte.</param>
/// <param name="maxTokenBytes">Bytes of one element at most.</param>
/// <param name="isSingle">Whether the value there is the one element itself.</param>
internal sealed class JsonElementSource(string file, Stream stream, int maxTokenBytes, bool isSingle) : IDisposable
{
    private readonly ByteWindow buffer = new(file, stream, maxTokenBytes);
    private bool opened;
    private bool ended;

    /// <summary>Brings the next element, valid until the next call.</summary>
    /// <returns>False at the end of the list.</returns>
    public bool TryRead(out Span<byte> element, CancellationToken cancellationToken)
    {
        element = default;
        if (ended || !SkipTo(cancellationToken))
            return false;
        if (!opened && !isSingle)
        {
            buffer.Consume(1);
            opened = true;
            if (!SkipTo(cancellationToken))
                return false;
        }
        if (!isSingle && buffer.Unread[0] == ']')
        {
            ended = true;
            return false;
        }
        int length;
        while ((length = ValueLength(buffer.Unread, buffer.IsFinal)) == 0)
        {
            if (!buffer.Fill(cancellationToken) && ValueLength(buffer.Unread, isFinal: true) == 0)
                throw new EmbeddingFileException(ProblemTypes.TruncatedFile, file, "the file ends inside a row that was whole when it was opened. It changed since: start again.");
        }
        element = buffer.Unread[..length];
        buffer.Consume(length);
        ended = isSingle;
        return true;
    }

    public void Dispose()
    {
        buffer.Dispose();
        stream.Dispose();
    }

    /// <summary>Moves to what follows white space and commas.</summary>
    private bool SkipTo(CancellationToken cancellationToken)
    {
        while (true)
        {
            int at = buffer.Unread.IndexOfAnyExcept(" \t\r\n,"u8);
            buffer.Consume(at < 0 ? buffer.Unread.Length : at);
            if (at >= 0)
                return true;
            if (!buffer.Fill(cancellationToken))
                return false;
        }
    }

    /// <summary>Length of the value that begins here; 0 where it ends beyond.</summary>
    private static int ValueLength(Span<byte> json, bool isFinal)
    {
        try
        {
            var reader = new Utf8JsonReader(json, isFinal, new JsonReaderState(new JsonReaderOptions { MaxDepth = 64, AllowMultipleValues = true }));
            return reader.Read() && reader.TrySkip() ? (int)reader.BytesConsumed : 0;
        }
        catch (JsonException)
        {
            return BareNumbers.Quote(json) ? ValueLength(json, isFinal) : 0;
        }
    }
}
