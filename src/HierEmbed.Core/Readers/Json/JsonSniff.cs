using System.Text.Json;

namespace HierEmbed.Core.Readers.Json;

/// <summary>Tells JSON lines from one JSON document by a file's first bytes.</summary>
internal static class JsonSniff
{
    /// <summary>What the bytes allow.</summary>
    [Flags]
    private enum Shapes
    {
        None = 0,
        Lines = 1,
        Document = 2,
    }

    public static bool CanBeLines(ReadOnlySpan<byte> head) => (Look(head) & Shapes.Lines) != 0;

    public static bool CanBeDocument(ReadOnlySpan<byte> head) => (Look(head) & Shapes.Document) != 0;

    private static Shapes Look(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            head = head[3..];
        int begin = head.IndexOfAnyExcept(" \t\r\n"u8);
        if (begin < 0 || head.Contains((byte)0))
            return Shapes.None;
        head = head[begin..];
        // A first line that is damaged is a rejected row, so a later line may show what the file is.
        if (head[0] is not ((byte)'{' or (byte)'['))
            return AnyLineBegins(head) ? Shapes.Lines : Shapes.None;
        int firstLine = head.IndexOf((byte)'\n');
        if (firstLine < 0)
            firstLine = head.Length;
        (bool complete, bool broken, int bytes) = FirstValue(head);
        bool onFirstLine = bytes <= firstLine;
        if (complete)
            return !onFirstLine ? Shapes.Document : AnotherBegins(head[bytes..]) ? Shapes.Lines : Shapes.Lines | Shapes.Document;
        // Where the value goes on past the first line it is one document, printed over several lines; unless that line is damaged.
        return onFirstLine || (broken && AnyLineBegins(head[(firstLine + 1)..])) ? Shapes.Lines | Shapes.Document : Shapes.Document;
    }

    private static bool AnotherBegins(ReadOnlySpan<byte> rest)
    {
        int at = rest.IndexOfAnyExcept(" \t\r\n"u8);
        return at >= 0 && rest[at] is ((byte)'{' or (byte)'[');
    }

    /// <summary>Parses the first value as far as the head goes.</summary>
    private static (bool Complete, bool Broken, int Bytes) FirstValue(ReadOnlySpan<byte> head)
    {
        var reader = new Utf8JsonReader(head, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 64, AllowMultipleValues = true }));
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 0 && reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
                    return (true, false, (int)reader.BytesConsumed);
            }
            return (false, false, (int)reader.BytesConsumed);
        }
        catch (JsonException)
        {
            return (false, true, (int)reader.BytesConsumed);
        }
    }

    private static bool AnyLineBegins(ReadOnlySpan<byte> text)
    {
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range].TrimStart(" \t"u8);
            if (!line.IsEmpty && line[0] is (byte)'{' or (byte)'[')
                return true;
        }
        return false;
    }
}
