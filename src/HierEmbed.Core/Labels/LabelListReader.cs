using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;
using HierEmbed.Core.Readers.Csv;

namespace HierEmbed.Core.Labels;

/// <summary>Reads a file that says of rows what their own files do not: one row a line, an object with <c>id</c>, <c>text</c> or <c>title</c> and <c>label</c>, or a bare label.</summary>
public static class LabelListReader
{
    private const int MaxRecordBytes = 16 << 20;
    private const int SampleBytes = 64 * 1024;
    private const string Expected = "Write one row a line: an object with id, text or label, or a bare label";

    /// <summary>Extensions that are read, with their dot, lower case.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt"];

    /// <summary>Reads the rows in order.</summary>
    /// <param name="name">The file's name: its extension says how it is read.</param>
    /// <param name="stream">Its content; it stays the caller's.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="EmbeddingFileException">The file is in no format that is read, or malformed.</exception>
    public static async IAsyncEnumerable<RowLabels> ReadAsync(string name, Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string extension = Path.GetExtension(name).ToLowerInvariant();
        if (extension is ".json" or ".jsonl" or ".ndjson")
        {
            await foreach (RowLabels row in ReadJsonAsync(name, stream, isArray: extension == ".json", cancellationToken))
                yield return row;
            yield break;
        }
        IEnumerable<RowLabels> rows = extension switch
        {
            ".csv" or ".tsv" => ReadSeparated(name, stream, extension == ".tsv", cancellationToken),
            ".txt" => ReadLines(stream, cancellationToken),
            _ => throw new EmbeddingFileException(ProblemTypes.UnknownFormat, name, $"labels are read from {string.Join(", ", Extensions)}. Write them as one of these."),
        };
        foreach (RowLabels row in rows)
            yield return row;
    }

    private static async IAsyncEnumerable<RowLabels> ReadJsonAsync(string name, Stream stream, bool isArray, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var limited = new RowLimitStream(name, stream, MaxRecordBytes); // Not disposed: the stream stays the caller's.
        await using IAsyncEnumerator<JsonElement> values = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(limited, topLevelValues: !isArray, Json.Compact, cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (long row = 0; ; row++)
        {
            try
            {
                if (!await values.MoveNextAsync())
                    yield break;
            }
            catch (JsonException e)
            {
                throw new EmbeddingFileException(ProblemTypes.MalformedFile, name, FormattableString.Invariant($"line {e.LineNumber + 1} is not {(isArray ? "part of a JSON list" : "a JSON value")}. {Expected}."), null, e);
            }
            limited.NextRow();
            yield return OfJson(name, row, values.Current);
        }
    }

    private static RowLabels OfJson(string name, long row, JsonElement value)
    {
        try
        {
            return OfValue(name, row, value);
        }
        catch (InvalidOperationException e)
        {
            // What JsonElement throws for a text that is not UTF-8 or holds half a surrogate pair.
            throw new EmbeddingFileException(ProblemTypes.MalformedFile, name, "a text that is not valid Unicode. Write the file as UTF-8, and escapes \\ud800 to \\udfff in pairs only.", row, e);
        }
    }

    private static RowLabels OfValue(string name, long row, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            throw new EmbeddingFileException(ProblemTypes.MalformedFile, name, $"a list where a label is expected. {Expected}.", row);
        if (value.ValueKind != JsonValueKind.Object)
            return new RowLabels(null, null, TextOf(value));
        string? id = null, text = null, title = null, label = null;
        foreach (JsonProperty property in value.EnumerateObject())
        {
            switch (property.Name)
            {
                case "id" or "_id":
                    id = TextOf(property.Value) ?? id;
                    break;
                case "text":
                    text = TextOf(property.Value);
                    break;
                case "title":
                    title = TextOf(property.Value);
                    break;
                case "label":
                    label = LabelOf(property.Value);
                    break;
            }
        }
        return new RowLabels(id, text ?? title, label);
    }

    /// <summary>As the readers of embeddings take it: numbers as they are written, lists joined by commas; nothing for an empty text.</summary>
    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Said(value.GetString()),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.Array => Said(string.Join(", ", value.EnumerateArray().Select(TextOf).Where(part => part is not null))),
        _ => null,
    };

    /// <summary>A list names several classes, and stays a JSON list: joined it would be one class of its own.</summary>
    private static string? LabelOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return TextOf(value);
        string[] names = [.. value.EnumerateArray().Select(TextOf).OfType<string>()];
        return names.Length == 0 ? null : JsonSerializer.Serialize(names, Json.Compact);
    }

    private static string? Said(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    /// <summary>Columns by name where the first record names one of them; else a single column of labels.</summary>
    private static IEnumerable<RowLabels> ReadSeparated(string name, Stream stream, bool tabs, CancellationToken cancellationToken)
    {
        (byte[] sample, Stream whole) = ReplayStream.Peek(stream, SampleBytes);
        byte delimiter = (byte)'\t';
        if (!tabs)
            CsvLayout.FirstRecord(sample, out delimiter);
        // Not disposed: the stream stays the caller's.
        var records = new CsvRecords(name, whole, MaxRecordBytes, delimiter);
        CsvRole[] roles = [CsvRole.Label];
        for (long record = 0; ReadFields(records, delimiter, cancellationToken) is { } fields; record++)
        {
            if (record == 0)
            {
                CsvRole[] named = [.. fields.Select(field => RoleOf(field.Trim().ToLowerInvariant()))];
                if (named.Any(role => role != CsvRole.None))
                {
                    roles = named;
                    continue;
                }
                if (fields.Length > 1)
                    throw new EmbeddingFileException(ProblemTypes.MalformedFile, name, $"its {fields.Length} columns have no names. Begin it with a line that names one of them label, and others id or text.");
            }
            string? Column(CsvRole role) => Array.IndexOf(roles, role) is >= 0 and int at && at < fields.Length ? Said(fields[at]) : null;
            yield return new RowLabels(Column(CsvRole.Id), Column(CsvRole.Text) ?? Column(CsvRole.Title), Column(CsvRole.Label));
        }
    }

    private static string[]? ReadFields(CsvRecords records, byte delimiter, CancellationToken cancellationToken)
    {
        if (!records.TryRead(out ReadOnlySpan<byte> record, cancellationToken))
            return null;
        var fields = new CsvFields(record, delimiter);
        var texts = new List<string>();
        while (fields.TryRead(out ReadOnlySpan<byte> field))
            texts.Add(Encoding.UTF8.GetString(field));
        return [.. texts];
    }

    private static CsvRole RoleOf(string column) => column switch
    {
        "id" or "_id" => CsvRole.Id,
        "text" => CsvRole.Text,
        "title" => CsvRole.Title,
        "label" => CsvRole.Label,
        _ => CsvRole.None,
    };

    /// <summary>One label a line; an empty line is a row without one.</summary>
    private static IEnumerable<RowLabels> ReadLines(Stream stream, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        var line = new StringBuilder();
        var piece = new char[SampleBytes];
        bool open = false;
        while (reader.Read(piece) is > 0 and int count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int at = 0; at < count; at++)
            {
                open = piece[at] != '\n';
                if (!open)
                {
                    yield return Take();
                    continue;
                }
                // What is longer is no label, and is cut wherever it is stored.
                if (line.Length <= RowLabels.MaxLength)
                    line.Append(piece[at]);
            }
        }
        if (open)
            yield return Take();

        RowLabels Take()
        {
            string label = line.ToString().Trim();
            line.Clear();
            return new RowLabels(null, null, Said(label));
        }
    }
}
