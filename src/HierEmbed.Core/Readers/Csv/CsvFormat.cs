using HierEmbed.Core.Readers.Text;

namespace HierEmbed.Core.Readers.Csv;

/// <summary>Separated values (RFC 4180): numeric columns, or one column of JSON lists; a header or none; commas, tabs or semicolons.</summary>
internal static class CsvFormat
{
    private const int LinesLookedAt = 20;

    public static EmbeddingFormat Format { get; } = new("separated values (.csv)", [".csv", ".tsv"], Matches, CsvReader.Open);

    /// <summary>Text with a delimiter, and a number or a list between two of them, in one of the first lines; or one line, which can be a header.</summary>
    private static bool Matches(ReadOnlySpan<byte> head)
    {
        head = head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? head[3..] : head;
        if (head.ContainsAnyInRange<byte>(0, 8) || head.ContainsAnyInRange<byte>(14, 31))
            return false;
        head = head.Trim(" \r\n"u8);
        int lines = 0;
        bool firstIsSplit = false;
        foreach (Range range in head.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = head[range].TrimEnd((byte)'\r');
            if (lines == 0 && !line.IsEmpty && line[0] is (byte)'{' or (byte)'[' or (byte)'<')
                return false;
            (bool split, bool evident) = Look(line);
            firstIsSplit |= lines == 0 && split;
            if (evident)
                return true;
            if (++lines == LinesLookedAt)
                break;
        }
        return (lines == 1 && firstIsSplit) || HasRecordOfNumbers(head.ToArray());
    }

    /// <summary>Looks at records in place of lines: a quoted text can hold more lines than are looked at, and end behind the head.</summary>
    private static bool HasRecordOfNumbers(byte[] head)
    {
        CsvLayout.FirstRecord(head, out byte delimiter);
        using var records = new CsvRecords("", new MemoryStream(head, writable: false), int.MaxValue, delimiter);
        for (int i = 0; i < LinesLookedAt && records.TryRead(out ReadOnlySpan<byte> record, CancellationToken.None); i++)
        {
            if (records.IsInsideQuotes || Look(record).IsEvident)
                return true;
        }
        return false;
    }

    private static (bool IsSplit, bool IsEvident) Look(ReadOnlySpan<byte> line)
    {
        var fields = new CsvFields(line, CsvLayout.FindDelimiter(line));
        int count = 0;
        bool number = false;
        while (fields.TryRead(out ReadOnlySpan<byte> field))
        {
            count++;
            // A quoted list that goes on over the line's end begins all the same.
            if (CsvValues.IsList(field) || (line.StartsWith("\""u8) && field.StartsWith("["u8)))
                return (true, true);
            number |= !field.IsEmpty && NumberText.TryParseWhole(field, out float value) && float.IsFinite(value);
        }
        return (count > 1, count > 1 && number);
    }
}
