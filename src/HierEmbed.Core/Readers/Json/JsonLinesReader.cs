using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Json;

/// <summary>Reads JSON lines: one row a line. Blank lines are no rows.</summary>
internal sealed class JsonLinesReader : ParsedRowReader
{
    private readonly LineSource lines;

    private JsonLinesReader(string name, Stream stream, ReaderOptions options) : base(name, options) =>
        lines = new LineSource(name, stream, options.MaxTokenBytes);

    public static IEmbeddingReader Open(string name, Stream stream, ReaderOptions options, CancellationToken cancellationToken)
    {
        var reader = new JsonLinesReader(name, stream, options);
        try
        {
            reader.Prime(new EmbeddingFileInfo(name, "jsonl", "float", 0), cancellationToken);
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
        if (!lines.TryRead(out Span<byte> line, cancellationToken))
            return false;
        JsonRowParser.Parse(line, Row);
        // One row of many, so the limit on rejected rows would let it pass: but what else was cut off, nobody knows.
        if (lines.IsOpen && Row.Problem == JsonRowParser.NotJson)
            throw new EmbeddingFileException(ProblemTypes.TruncatedFile, Info.Name, "the file ends inside this row. Upload it again, whole.", NextParsed);
        if (Row.Problem == CohereTypes.PackedBits)
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, Info.Name, $"{Row.Problem}. Ask for embedding_types [\"float\"] or [\"int8\"].", NextParsed);
        return true;
    }

    protected override bool SkipNext(CancellationToken cancellationToken) => lines.TryRead(out _, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            lines.Dispose();
    }
}
