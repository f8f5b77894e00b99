namespace HierEmbed.Core.Readers.Csv;

/// <summary>Cuts a stream into records that are not blank: lines, unless a quoted field goes on over several.</summary>
internal sealed class CsvRecords(string file, Stream stream, int maxRecordBytes, byte delimiter) : IDisposable
{
    private readonly ByteWindow window = new(file, stream, maxRecordBytes);
    private bool atBeginning = true;

    /// <summary>Whether the record that was brought last is the file's last and has no end of its own.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether it ends inside a quoted field.</summary>
    public bool IsInsideQuotes { get; private set; }

    /// <summary>Brings the next record without its end, valid until the next call.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool TryRead(out ReadOnlySpan<byte> record, CancellationToken cancellationToken)
    {
        do
        {
            if (!TryReadLine(out record, cancellationToken))
                return false;
            if (!record.IsEmpty && record[^1] == '\r')
                record = record[..^1];
            if (atBeginning && record.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
                record = record[3..];
            atBeginning = false;
        }
        while (record.IndexOfAnyExcept((byte)' ', (byte)'\r') < 0);
        return true;
    }

    public void Dispose()
    {
        window.Dispose();
        stream.Dispose();
    }

    private bool TryReadLine(out ReadOnlySpan<byte> line, CancellationToken cancellationToken)
    {
        int at = 0, closed = -1;
        bool quoted = false;
        while (true)
        {
            ReadOnlySpan<byte> unread = window.Unread;
            int found = quoted ? unread[at..].IndexOf((byte)'"') : unread[at..].IndexOfAny((byte)'\n', (byte)'"');
            if (found < 0)
            {
                at = unread.Length;
                if (window.Fill(cancellationToken))
                    continue;
                (IsOpen, IsInsideQuotes) = (true, quoted);
                line = window.Unread;
                window.Consume(at);
                return !line.IsEmpty;
            }
            at += found;
            if (unread[at] == '\n')
            {
                (IsOpen, IsInsideQuotes) = (false, false);
                line = unread[..at];
                window.Consume(at + 1);
                return true;
            }
            if (quoted)
                (quoted, closed) = (false, at + 1);
            else
                // A quote opens at a field's beginning, or again where it was doubled; elsewhere it is a character.
                quoted = at == 0 || at == closed || unread[at - 1] == delimiter || (atBeginning && at == 3);
            at++;
        }
    }
}
