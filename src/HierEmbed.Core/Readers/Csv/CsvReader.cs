using System.Text;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers.Json;
using HierEmbed.Core.Readers.Text;

namespace HierEmbed.Core.Readers.Csv;

/// <summary>Reads separated values: one row a record. Blank lines are no rows, and neither is the header.</summary>
internal sealed class CsvReader : ParsedRowReader
{
    /// <summary>The columns are found in so many bytes, and in more where a record is longer.</summary>
    private const int SampleBytes = 128 * 1024, LongSampleBytes = 4 * 1024 * 1024;

    private readonly CsvRecords records;
    private readonly CsvLayout layout;
    private bool headerPassed;

    private CsvReader(string name, Stream stream, CsvLayout layout, ReaderOptions options) : base(name, options)
    {
        this.layout = layout;
        records = new CsvRecords(name, stream, options.MaxTokenBytes, layout.Delimiter);
        headerPassed = !layout.HasHeader;
    }

    public static IEmbeddingReader Open(string name, Stream stream, ReaderOptions options, CancellationToken cancellationToken)
    {
        (byte[] sample, Stream whole) = ReplayStream.Peek(stream, SampleBytes);
        bool isWhole = sample.Length < SampleBytes;
        if (!isWhole && !CsvLayout.HasRecordBehindTheFirst(sample))
        {
            (sample, whole) = ReplayStream.Peek(whole, LongSampleBytes);
            isWhole = sample.Length < LongSampleBytes;
        }
        if (CsvLayout.Find(sample, isWhole, out string? problem) is not { } layout)
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, name,
                $"{problem}; expected numeric columns or one column of JSON lists. Write one number a column, with points for decimals.");
        var reader = new CsvReader(name, whole, layout, options);
        try
        {
            reader.Prime(new EmbeddingFileInfo(name, layout.Delimiter == '\t' ? "tsv" : "csv", "float", 0), cancellationToken);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    protected override bool ParseNext(CancellationToken cancellationToken)
    {
        if (!TryRead(out ReadOnlySpan<byte> record, cancellationToken))
            return false;
        Row.Clear();
        int columns = ParseFields(record);
        // One row of many, so the limit on rejected rows would let it pass: but what else was cut off, nobody knows.
        if (records.IsOpen && (records.IsInsideQuotes || columns < layout.Roles.Length))
            throw new EmbeddingFileException(ProblemTypes.TruncatedFile, Info.Name, "the file ends inside this row. Upload it again, whole.", NextParsed);
        if (columns != layout.Roles.Length)
        {
            Row.Clear();
            Row.Problem = FormattableString.Invariant($"{columns} columns; expected {layout.Roles.Length}");
            Row.ProblemReason = RejectionReason.WrongLength;
        }
        return true;
    }

    protected override bool SkipNext(CancellationToken cancellationToken) => TryRead(out _, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            records.Dispose();
    }

    private bool TryRead(out ReadOnlySpan<byte> record, CancellationToken cancellationToken)
    {
        if (!headerPassed && !records.TryRead(out record, cancellationToken))
            return false;
        headerPassed = true;
        return records.TryRead(out record, cancellationToken);
    }

    /// <summary>Parses a record into the row.</summary>
    /// <returns>Its number of columns.</returns>
    private int ParseFields(ReadOnlySpan<byte> record)
    {
        var fields = new CsvFields(record, layout.Delimiter);
        CsvRole[] roles = layout.Roles;
        string? id = null, text = null, title = null, label = null;
        int column = 0;
        for (; ; column++)
        {
            CsvRole role = column < roles.Length ? roles[column] : CsvRole.None;
            if (role == CsvRole.Value && NumberText.Parse(fields.Rest, out float value) is > 0 and var length && fields.TryPass(length))
            {
                Row.Append(value);
                continue;
            }
            if (!fields.TryRead(out ReadOnlySpan<byte> field))
                break;
            switch (role)
            {
                case CsvRole.Value: ParseValue(field); break;
                case CsvRole.List: ParseList(field); break;
                case CsvRole.Id: id = Decode(field); break;
                case CsvRole.Text: text = Decode(field); break;
                case CsvRole.Title: title = Decode(field); break;
                case CsvRole.Label: label = Decode(field); break;
            }
        }
        Row.Labels = new RowLabels(id, text ?? title, label);
        return column;
    }

    private void ParseValue(ReadOnlySpan<byte> field)
    {
        if (CsvValues.TryParse(field, out float value))
            Row.Append(value);
        else
            Row.Problem ??= FormattableString.Invariant($"a text at dimension {Row.Values.Length}; expected a number");
    }

    private void ParseList(ReadOnlySpan<byte> field)
    {
        field = field.Trim(" \t\r\n"u8);
        if (!field.IsEmpty && field[0] == '[' && NumberList.TryParse(field, Row) == field.Length)
            return;
        JsonRowParser.Parse(field.ToArray(), Row);
    }

    private static string? Decode(ReadOnlySpan<byte> field) => field.IsEmpty ? null : Encoding.UTF8.GetString(field);
}
