using System.Buffers;
using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers.Text;

namespace HierEmbed.Core.Readers.Json;

/// <summary>The tokens of a document of any length, one after another, with their places in the stream.</summary>
internal sealed class JsonTokens : IDisposable
{
    private static readonly SearchValues<byte> BetweenValues = SearchValues.Create(" \t\r\n,:-"u8);

    private readonly string file;
    private readonly CancellationToken cancellationToken;
    private readonly ByteWindow buffer;
    private JsonReaderState state = new(new JsonReaderOptions { MaxDepth = 64 });

    public JsonTokens(string file, Stream stream, int maxTokenBytes, CancellationToken cancellationToken)
    {
        this.file = file;
        this.cancellationToken = cancellationToken;
        buffer = new ByteWindow(file, stream, maxTokenBytes);
        while (buffer.Unread.Length < 3 && buffer.Fill(cancellationToken)) { }
        if (buffer.Unread.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            buffer.Consume(3);
    }

    /// <summary>What the token is.</summary>
    public JsonTokenType Type { get; private set; }

    /// <summary>Lists and objects around the token.</summary>
    public int Depth { get; private set; }

    /// <summary>Where the token begins, in bytes from the document's beginning.</summary>
    public long Offset { get; private set; }

    /// <summary>The token's text where it is a name, a text or another scalar; null where it has none.</summary>
    public string? Text { get; private set; }

    /// <summary>Moves to the next token.</summary>
    /// <param name="withText">Whether the text of a text or number is wanted; a name always has it.</param>
    /// <returns>False at the document's end.</returns>
    /// <exception cref="EmbeddingFileException">The document is not JSON or ends early.</exception>
    public bool Read(bool withText = false)
    {
        while (true)
        {
            var reader = new Utf8JsonReader(buffer.Unread, buffer.IsFinal, state);
            bool read;
            try
            {
                read = reader.Read();
            }
            catch (JsonException e)
            {
                Repair(e);
                continue;
            }
            if (read)
            {
                Take(ref reader, withText);
                return true;
            }
            if (buffer.IsFinal)
                return false;
            buffer.Fill(cancellationToken);
        }
    }

    /// <summary>Moves to the end of the list or object that the token begins; stays at any other token.</summary>
    public void Skip()
    {
        if (Type is JsonTokenType.StartArray or JsonTokenType.StartObject)
            Leave(Depth);
    }

    /// <summary>Moves to the end of the list or object at a depth, which is around the token or begins with it.</summary>
    /// <remarks><see cref="Offset"/> is not kept up on the way.</remarks>
    public void Leave(int depth)
    {
        long slowUntil = 0;
        while (!(Depth == depth && Type is JsonTokenType.EndArray or JsonTokenType.EndObject))
        {
            if (buffer.Consumed >= slowUntil)
            {
                if (TryPassWindow(depth))
                    continue;
                // One attempt a window: with one a token, the time would grow with the square of the tokens before an error.
                slowUntil = buffer.Consumed + buffer.Unread.Length;
            }
            if (!Read())
                return;
        }
    }

    public void Dispose() => buffer.Dispose();

    /// <summary>Passes over the tokens of the window at once, up to the end of the list or object at a depth: Read for each is three times slower.</summary>
    /// <returns>False where nothing was passed, because of an error or because a token ends beyond.</returns>
    private bool TryPassWindow(int depth)
    {
        ReadOnlySpan<byte> text = buffer.Unread;
        int before = 0;
        var reader = new Utf8JsonReader(text, buffer.IsFinal, state);
        try
        {
            while (reader.Read())
            {
                // Lists of numbers are most of a document, and checked faster than token by token.
                if (reader.TokenType == JsonTokenType.StartArray && NumberList.Measure(text[(int)reader.TokenStartIndex..]) is > 0 and var length)
                {
                    before += (int)reader.TokenStartIndex + length - 1;
                    text = JsonListEnd.Pass(text[(int)reader.TokenStartIndex..], length, buffer.IsFinal, ref reader);
                }
                if (reader.CurrentDepth == depth && reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
                    break;
            }
        }
        catch (JsonException)
        {
            // Nothing was consumed: Read goes up to the error and judges it.
            return false;
        }
        int consumed = before + (int)reader.BytesConsumed;
        if (consumed == 0)
            return false;
        (Type, Depth, Text) = (reader.TokenType, reader.CurrentDepth, null);
        state = reader.CurrentState;
        buffer.Consume(consumed);
        return true;
    }

    private void Take(ref Utf8JsonReader reader, bool withText)
    {
        Type = reader.TokenType;
        Depth = reader.CurrentDepth;
        Offset = buffer.Consumed + reader.TokenStartIndex;
        bool scalar = Type is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False;
        Text = Type == JsonTokenType.PropertyName || (withText && scalar) ? Decode(ref reader) : null;
        state = reader.CurrentState;
        buffer.Consume((int)reader.BytesConsumed);
    }

    private static string Decode(ref Utf8JsonReader reader)
    {
        try
        {
            if (reader.ValueIsEscaped)
                return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: the text is kept as it is written.
        }
        return System.Text.Encoding.UTF8.GetString(reader.ValueSpan);
    }

    /// <summary>Makes a bare NaN or Infinity a text, so that its row can be rejected; refuses the file where it is something else.</summary>
    private void Repair(JsonException e)
    {
        // What is no JSON only because nothing follows was cut off.
        bool cutOff = buffer.IsFinal;
        while (true)
        {
            int at = buffer.Unread.IndexOfAnyExcept(BetweenValues);
            if (at >= 0 && BareNumbers.QuoteAt(buffer.Unread, at) > 0)
                return;
            const int longestWord = 8;
            if ((at >= 0 && buffer.Unread.Length - at >= longestWord) || !buffer.Fill(cancellationToken))
                throw Refuse(e, at, cutOff);
        }
    }

    private EmbeddingFileException Refuse(JsonException e, int at, bool cutOff)
    {
        bool ended = Depth == 0 && Type is JsonTokenType.EndArray or JsonTokenType.EndObject;
        if (ended && at >= 0 && buffer.Unread[at] is (byte)'{' or (byte)'[')
            return new EmbeddingFileException(ProblemTypes.MisnamedFile, file, $"a second JSON value begins at byte {buffer.Consumed + at}; expected one document. If each line is a row, rename the file to .jsonl.", inner: e);
        return cutOff && !ended
            ? new EmbeddingFileException(ProblemTypes.TruncatedFile, file, $"the JSON document ends in the middle, after byte {buffer.Consumed}. Upload it again.", inner: e)
            : new EmbeddingFileException(ProblemTypes.MalformedFile, file, $"the content is not JSON from byte {buffer.Consumed} on. Write it with a JSON library.", inner: e);
    }
}
