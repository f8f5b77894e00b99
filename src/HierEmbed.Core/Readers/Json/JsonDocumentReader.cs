namespace HierEmbed.Core.Readers.Json;

/// <summary>Reads the rows of one JSON document in two passes: the first finds them, the second brings them.</summary>
internal sealed class JsonDocumentReader : ParsedRowReader
{
    private readonly JsonElementSource elements;
    private readonly JsonLayout layout;
    private int rows;

    private JsonDocumentReader(string name, Stream stream, JsonLayout layout, ReaderOptions options) : base(name, options)
    {
        this.layout = layout;
        elements = new JsonElementSource(name, stream, options.MaxTokenBytes, layout.IsSingleRow);
    }

    public static IEmbeddingReader Open(string name, Stream stream, ReaderOptions options, CancellationToken cancellationToken)
    {
        // Two passes: the stream must be able to go back.
        Stream seekable = SeekableStream.Of(name, stream, options, cancellationToken);
        JsonDocumentReader? reader = null;
        try
        {
            long start = seekable.Position;
            JsonLayout layout;
            using (var tokens = new JsonTokens(name, seekable, options.MaxTokenBytes, cancellationToken))
                layout = new JsonDocumentScan(name, tokens, options.MaxTokenBytes).Run();
            seekable.Position = start + layout.Offset;
            reader = new JsonDocumentReader(name, seekable, layout, options);
            reader.Prime(new EmbeddingFileInfo(name, layout.Format, layout.ElementType, 0, null, layout.ParentModel, layout.InputType), cancellationToken);
            return reader;
        }
        catch
        {
            reader?.Dispose();
            seekable.Dispose();
            throw;
        }
    }

    protected override bool ParseNext(CancellationToken cancellationToken)
    {
        if (!elements.TryRead(out Span<byte> element, cancellationToken))
            return false;
        if (layout.ElementType == CohereTypes.Base64)
            JsonRowParser.ParseBase64(element, Row);
        else
            JsonRowParser.Parse(element, Row);
        if (rows < layout.Texts.Count && Row.Labels.Text is null)
            Row.Labels = Row.Labels with { Text = layout.Texts[rows] };
        rows++;
        return true;
    }

    protected override bool SkipNext(CancellationToken cancellationToken)
    {
        rows++;
        return elements.TryRead(out _, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            elements.Dispose();
    }
}
