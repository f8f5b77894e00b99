namespace HierEmbed.Core.Readers.Csv;

/// <summary>The fields of one record, from left to right (RFC 4180).</summary>
internal ref struct CsvFields(ReadOnlySpan<byte> record, byte delimiter)
{
    private readonly ReadOnlySpan<byte> record = record;
    private int at;
    private bool ended;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => record[at..];

    /// <summary>Reads the next field without its quotes.</summary>
    /// <returns>False behind the last. A record that ends with a delimiter has an empty field behind it.</returns>
    public bool TryRead(out ReadOnlySpan<byte> field)
    {
        field = default;
        if (ended)
            return false;
        if (at < record.Length && record[at] == '"')
        {
            field = ReadQuoted();
            return true;
        }
        int length = record[at..].IndexOf(delimiter);
        field = length < 0 ? record[at..] : record.Slice(at, length);
        Advance(field.Length);
        return true;
    }

    /// <summary>Moves behind a field of a length, where one ends there.</summary>
    public bool TryPass(int length)
    {
        if (at + length < record.Length && record[at + length] != delimiter)
            return false;
        Advance(length);
        return true;
    }

    private ReadOnlySpan<byte> ReadQuoted()
    {
        int first = at + 1, last = first;
        bool doubled = false;
        while (true)
        {
            int quote = record[last..].IndexOf((byte)'"');
            // A quote that is never closed: the field goes to the end.
            last = quote < 0 ? record.Length : last + quote;
            if (last + 1 >= record.Length || record[last + 1] != '"')
                break;
            doubled = true;
            last += 2;
        }
        ReadOnlySpan<byte> field = record[first..last];
        // What stands between the quote and the delimiter has no meaning.
        int rest = last < record.Length ? record[last..].IndexOf(delimiter) : -1;
        Advance((rest < 0 ? record.Length : last + rest) - at);
        return doubled ? Undouble(field) : field;
    }

    private void Advance(int length)
    {
        at += length;
        ended = at >= record.Length;
        if (!ended)
            at++;
    }

    private static byte[] Undouble(ReadOnlySpan<byte> field)
    {
        var bytes = new byte[field.Length];
        int count = 0;
        for (int i = 0; i < field.Length; i++)
        {
            bytes[count++] = field[i];
            if (field[i] == '"' && i + 1 < field.Length)
                i++;
        }
        return bytes[..count];
    }
}
