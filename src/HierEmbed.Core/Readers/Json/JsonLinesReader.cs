namespace HierEmbed.Core.Readers.Json;

/// <summary>Reads JSON lines: one row a line. Blank lines are no rows.</summary>
internal sealed class JsonLinesReader : ParsedRowReader
{
    private readonly LineSource lines;

    private JsonLinesReader(string name, Stream stream, ReaderOptions options) : base(name, options) =>
        lines = new LineSource(name, stream, options.MaxTokenBytes);

    public static IEmbeddingReader Open(string name, Stream stream, ReaderOptions options)
    {
        var reader = new JsonLinesReader(name, stream, options);
        try
        {
            reader.Prime(new EmbeddingFileInfo(name, "jsonl", "float", 0));
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
        return true;
    }

    protected override bool SkipNext(CancellationToken cancellationToken) => lines.TryRead(out _, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            lines.Dispose();
    }
}
