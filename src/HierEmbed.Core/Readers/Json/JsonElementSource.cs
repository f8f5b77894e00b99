using System.Buffers;
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
    private static readonly SearchValues<byte> Marks = SearchValues.Create("\"[]{}"u8);

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
        if (!json.IsEmpty && json[0] is (byte)'[' or (byte)'{')
            return BracketLength(json);
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

    /// <summary>Length of a list or object by its brackets: what is between them was checked already.</summary>
    private static int BracketLength(ReadOnlySpan<byte> json)
    {
        int depth = 0, at = 0;
        while (true)
        {
            int next = json[at..].IndexOfAny(Marks);
            if (next < 0)
                return 0;
            at += next + 1;
            switch (json[at - 1])
            {
                case (byte)'[' or (byte)'{':
                    depth++;
                    break;
                case (byte)'"':
                    int text = TextLength(json[at..]);
                    if (text == 0)
                        return 0;
                    at += text;
                    break;
                default:
                    if (--depth == 0)
                        return at;
                    break;
            }
        }
    }

    /// <summary>Length of a text with the quote that ends it; 0 where it ends beyond.</summary>
    private static int TextLength(ReadOnlySpan<byte> json)
    {
        for (int at = 0; at < json.Length; at += 2)
        {
            int next = json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
                return 0;
            at += next;
            if (json[at] == '"')
                return at + 1;
        }
        return 0;
    }
}
