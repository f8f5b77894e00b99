using System.Globalization;
using System.Text;
using HierEmbed.Core.Readers.Json;

namespace HierEmbed.Core.Readers.Csv;

/// <summary>What the columns of a file hold, found from its first records.</summary>
/// <param name="Delimiter">Comma, tab or semicolon.</param>
/// <param name="HasHeader">Whether the first record names the columns.</param>
/// <param name="Roles">What each column holds.</param>
internal sealed record CsvLayout(byte Delimiter, bool HasHeader, CsvRole[] Roles)
{
    private const int SampleRecords = 50;

    /// <summary>A header of bare numbers counts from 0, as pandas writes it for an array, or from 1, as R does; two columns of 0 and 1 may as well be a row.</summary>
    private const int MinCountedColumns = 3;

    private enum Kind
    {
        Missing,
        Number,
        List,
        Text,
    }

    private static ReadOnlySpan<byte> Delimiters => "\t,;"u8;

    /// <summary>How a file separates its fields: by what its first record holds outside quotes.</summary>
    public static byte FindDelimiter(ReadOnlySpan<byte> firstRecord)
    {
        foreach (byte delimiter in Delimiters)
        {
            if (HasSeveralFields(firstRecord, delimiter))
                return delimiter;
        }
        return (byte)',';
    }

    /// <summary>Whether semicolons part numbers with decimal commas: split at the commas, their halves would pass for other numbers.</summary>
    private static bool IsOfDecimalCommas(ReadOnlySpan<byte> firstRecord)
    {
        var fields = new CsvFields(firstRecord, (byte)';');
        int count = 0, commas = 0;
        for (; fields.TryRead(out ReadOnlySpan<byte> field); count++)
        {
            byte[] number = field.ToArray();
            int comma = number.AsSpan().IndexOf((byte)',');
            commas += comma >= 0 ? 1 : 0;
            if (comma >= 0)
                number[comma] = (byte)'.';
            if (!CsvValues.TryParse(number, out _))
                return false;
        }
        return count > 1 && commas > 0;
    }

    /// <summary>Finds the layout.</summary>
    /// <param name="sample">The file's first bytes.</param>
    /// <param name="isWhole">Whether they are all of it; else the last record is left out.</param>
    /// <param name="problem">Why there is none.</param>
    /// <returns>Null where no column holds an embedding.</returns>
    public static CsvLayout? Find(byte[] sample, bool isWhole, out string? problem)
    {
        byte[] firstRecord = FirstRecord(sample, out byte delimiter);
        List<string[]> records = Records(sample, isWhole, delimiter);
        problem = FormattableString.Invariant($"it has no record that is whole{(records.Count == 0 ? "" : " behind the first")} in {sample.Length} bytes");
        if (records.Count < (isWhole ? 1 : 2))
            return null;
        // Of such numbers the halves, or the few without a comma, would pass for the embedding.
        problem = "its numbers have decimal commas";
        if (IsOfDecimalCommas(firstRecord) || (delimiter == (byte)';' && records.Any(record => record.Any(field => KindOf(field) == Kind.Text && KindOf(field.Replace(',', '.')) == Kind.Number))))
            return null;
        bool header = IsHeader(records);
        List<string[]> rows = header ? records[1..] : records;
        string[] names = header ? [.. records[0].Select(name => name.Trim().ToLowerInvariant())] : [];
        if (header && HaveRowNames(rows, names.Length))
            names = [string.Empty, .. names];
        int columns = header || rows.Count == 0 ? Math.Max(names.Length, records[0].Length) : rows.GroupBy(row => row.Length).MaxBy(group => group.Count())!.Key;
        Kind[] kinds = [.. Enumerable.Range(0, columns).Select(column => KindOf(rows.Where(row => row.Length == columns).Select(row => row[column])))];
        CsvRole[] roles = header ? [.. names.Select(RoleOf)] : new CsvRole[columns];
        problem = Assign(roles, kinds, names);
        if (problem is not null && rows.Count > 0)
            return null;
        return new CsvLayout(delimiter, header, roles);
    }

    /// <summary>Whether a sample that is not the whole file tells what rows hold.</summary>
    public static bool HasRecordBehindTheFirst(byte[] sample)
    {
        FirstRecord(sample, out byte delimiter);
        return Records(sample, isWhole: false, delimiter).Count > 1;
    }

    /// <summary>R's write.table names each row in a column before the others that its header does not name. What ends with a delimiter has one column more, too.</summary>
    private static bool HaveRowNames(List<string[]> rows, int named) => rows.Count(row => row.Length == named + 1 && row[^1].Length > 0) > rows.Count / 2;

    /// <summary>Gives the columns that hold the embedding their role.</summary>
    /// <returns>Why there are none.</returns>
    private static string? Assign(CsvRole[] roles, Kind[] kinds, string[] names)
    {
        int[] lists = [.. Enumerable.Range(0, roles.Length).Where(column => roles[column] == CsvRole.None && kinds[column] == Kind.List)];
        if (lists.Length > 0)
        {
            int named = JsonRowKeys.Vectors.Select(key => Array.IndexOf(names, key)).FirstOrDefault(column => lists.Contains(column), -1);
            if (named < 0 && lists.Length > 1)
                return $"{lists.Length} columns hold lists and none has one of the names {string.Join(", ", JsonRowKeys.Vectors)}";
            roles[named < 0 ? lists[0] : named] = CsvRole.List;
        }
        else
        {
            int[] numbers = [.. Enumerable.Range(0, roles.Length).Where(column => roles[column] == CsvRole.None && kinds[column] == Kind.Number)];
            int[] missing = [.. Enumerable.Range(0, roles.Length).Where(column => roles[column] == CsvRole.None && kinds[column] == Kind.Missing)];
            // A column without a number so far is a dimension still where it stands among them: its rows are rejected, and not their dimension.
            if (names.Length > 0)
                numbers = LargestFamily(numbers, missing, names);
            else if (numbers.Length > 0)
                numbers = [.. numbers.Concat(missing.Where(column => column > numbers[0] && column < numbers[^1])).Order()];
            if (numbers.Length == 0)
                return "no column holds numbers or JSON lists";
            foreach (int column in numbers)
                roles[column] = CsvRole.Value;
        }
        int text = Array.IndexOf(kinds, Kind.Text);
        if (names.Length == 0 && text >= 0)
            roles[text] = CsvRole.Id;
        return null;
    }

    /// <summary>Columns that are counted, such as emb_0 to emb_383, belong together; a year beside them does not. Where nothing is counted, all belong.</summary>
    private static int[] LargestFamily(int[] numbers, int[] missing, string[] names)
    {
        IGrouping<string, int>? family = numbers.Where(column => IsCounted(names[column])).GroupBy(column => FamilyOf(names[column]), StringComparer.Ordinal).MaxBy(group => group.Count());
        return family is null || family.Count() < 2
            ? numbers
            : [.. family.Concat(missing.Where(column => IsCounted(names[column]) && FamilyOf(names[column]) == family.Key)).Order()];
    }

    private static bool IsCounted(string name) => name.Length > 0 && char.IsAsciiDigit(name[^1]);

    private static string FamilyOf(string name) => name.TrimEnd(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);

    private static bool IsHeader(List<string[]> records)
    {
        string[] record = records[0];
        Kind[] kinds = [.. record.Select(KindOf)];
        if (kinds.Contains(Kind.List))
            return false;
        string[] numbers = [.. record.Where((_, column) => kinds[column] == Kind.Number)];
        bool counted = numbers.Length >= MinCountedColumns && (CountsFrom(0, numbers) || (CountsFrom(1, numbers) && AreOfFractions(records[1..])));
        return counted || (numbers.Length == 0 && kinds.Contains(Kind.Text));
    }

    private static bool CountsFrom(int first, string[] numbers) =>
        numbers.Select((number, i) => number == (first + i).ToString(CultureInfo.InvariantCulture)).All(same => same);

    /// <summary>Whether most rows hold other numbers than a header does: 1, 2, 3 above whole numbers may as well be a row.</summary>
    private static bool AreOfFractions(List<string[]> rows) => rows.Count(row => row.Any(IsFraction)) > rows.Count / 2;

    private static bool IsFraction(string field) =>
        CsvValues.TryParse(Encoding.UTF8.GetBytes(field), out float value) && float.IsFinite(value) && value != MathF.Truncate(value);

    private static CsvRole RoleOf(string name, int column) => name switch
    {
        // pandas writes a frame's index under no name.
        "" when column == 0 => CsvRole.Id,
        "id" or "_id" => CsvRole.Id,
        "text" => CsvRole.Text,
        "title" => CsvRole.Title,
        "label" => CsvRole.Label,
        _ => CsvRole.None,
    };

    private static Kind KindOf(IEnumerable<string> column)
    {
        int[] counts = new int[4];
        foreach (string field in column)
            counts[(int)KindOf(field)]++;
        (int number, int list, int text) = (counts[(int)Kind.Number], counts[(int)Kind.List], counts[(int)Kind.Text]);
        return number + list + text == 0 ? Kind.Missing : list > 0 && list >= text ? Kind.List : number >= text && number > 0 ? Kind.Number : Kind.Text;
    }

    private static Kind KindOf(string field)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(field);
        if (CsvValues.IsList(bytes))
            return Kind.List;
        if (!CsvValues.TryParse(bytes, out float value))
            return Kind.Text;
        return float.IsNaN(value) ? Kind.Missing : Kind.Number;
    }

    /// <summary>The first record, which goes on over line ends in quotes, and the delimiter that it holds outside them.</summary>
    public static byte[] FirstRecord(byte[] sample, out byte delimiter)
    {
        foreach (byte candidate in Delimiters)
        {
            byte[] record = FirstRecord(sample, delimiter = candidate);
            if (HasSeveralFields(record, candidate))
                return record;
        }
        return FirstRecord(sample, delimiter = (byte)',');
    }

    private static byte[] FirstRecord(byte[] sample, byte delimiter)
    {
        using var source = new CsvRecords("", new MemoryStream(sample, writable: false), int.MaxValue, delimiter);
        return source.TryRead(out ReadOnlySpan<byte> record, CancellationToken.None) ? record.ToArray() : [];
    }

    private static bool HasSeveralFields(ReadOnlySpan<byte> record, byte delimiter)
    {
        var fields = new CsvFields(record, delimiter);
        return fields.TryRead(out _) && fields.TryRead(out _);
    }

    private static List<string[]> Records(byte[] sample, bool isWhole, byte delimiter)
    {
        using var source = new CsvRecords("", new MemoryStream(sample, writable: false), int.MaxValue, delimiter);
        var records = new List<string[]>();
        while (records.Count < SampleRecords && source.TryRead(out ReadOnlySpan<byte> record, CancellationToken.None) && (isWhole || !source.IsOpen))
        {
            var fields = new CsvFields(record, delimiter);
            var texts = new List<string>();
            while (fields.TryRead(out ReadOnlySpan<byte> field))
                texts.Add(Encoding.UTF8.GetString(field));
            records.Add([.. texts]);
        }
        return records;
    }
}
