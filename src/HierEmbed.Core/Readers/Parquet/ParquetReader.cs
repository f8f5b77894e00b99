using HierEmbed.Core.Errors;
using ParquetSharp;

namespace HierEmbed.Core.Readers.Parquet;

/// <summary>Reads a Parquet file row group by row group and page by page: one page of each column is held.</summary>
/// <remarks>The pages are decoded by Arrow C++ through ParquetSharp: it reads them in parts, where Parquet.Net holds a whole row group, and it is
/// ten to thirty times as fast. Whatever it finds wrong is translated here. Everything of it is closed here in its order: what is left to a finalizer
/// calls back into a stream that is gone, and that ends the process.</remarks>
internal sealed class ParquetReader : ParsedRowReader
{
    private const int FooterEndBytes = 8, MaxFooterBytes = 64 * 1024 * 1024;

    /// <summary>Runs of equal values shrink without limit, so that a small file can declare any number of rows. Real embeddings shrink to a tenth at best.</summary>
    private const int MaxGrowth = 1000;
    private const long FreeValues = 16 * 1024 * 1024;

    private readonly ParquetSource source;
    private readonly ParquetFileReader file;
    private readonly ParquetColumns columns;
    private int group = -1;
    private long groupRows;
    private long groupRow;
    private RowGroupReader? rows;
    private ParquetVectorColumn? vectors;
    private ParquetLabelColumn?[] labels = [];

    private ParquetReader(string name, ParquetSource source, ParquetFileReader file, ParquetColumns columns, ReaderOptions options) : base(name, options)
    {
        this.source = source;
        this.file = file;
        this.columns = columns;
    }

    public static IEmbeddingReader Open(string name, Stream stream, ReaderOptions options, CancellationToken cancellationToken)
    {
        var source = new ParquetSource(SeekableStream.Of(name, stream, options, cancellationToken));
        ParquetFileReader? file = null;
        ParquetReader? reader = null;
        try
        {
            CheckFooter(name, source);
            file = Guard(name, source, () =>
            {
                using ReaderProperties properties = ReaderProperties.GetDefaultReaderProperties();
                properties.EnableBufferedStream();
                properties.EnablePageChecksumVerification();
                return new ParquetFileReader(source, properties, leaveOpen: true);
            });
            ParquetColumns columns = Guard(name, source, () => ParquetColumns.Find(name, file.FileMetaData.Schema));
            reader = new ParquetReader(name, source, file, columns, options);
            var info = new EmbeddingFileInfo(name, "parquet", columns.ElementType, 0, file.FileMetaData.NumRows);
            reader.Prime(info, cancellationToken);
            return reader;
        }
        catch
        {
            reader?.CloseGroup();
            file?.Dispose();
            source.Dispose();
            throw;
        }
    }

    protected override bool ParseNext(CancellationToken cancellationToken) => Guard(Info.Name, source, () =>
    {
        if (!MoveToRow())
            return false;
        Row.Clear();
        ReadVector();
        Row.Labels = new RowLabels(labels[0]?.Read(), labels[1]?.Read() is { } text ? Also(labels[2], text) : labels[2]?.Read(), labels[3]?.Read());
        return true;
    });

    protected override bool SkipNext(CancellationToken cancellationToken) => Guard(Info.Name, source, () =>
    {
        if (!MoveToRow())
            return false;
        Row.Clear();
        ReadVector();
        foreach (ParquetLabelColumn? column in labels)
            column?.Skip();
        return true;
    });

    protected override long SkipMany(long count, CancellationToken cancellationToken) => Guard(Info.Name, source, () =>
    {
        long skipped = 0;
        while (count - skipped >= groupRows - groupRow)
        {
            cancellationToken.ThrowIfCancellationRequested();
            skipped += groupRows - groupRow;
            if (!OpenNextGroup())
                break;
        }
        return skipped;
    });

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        CloseGroup();
        file.Dispose();
        source.Dispose();
    }

    /// <summary>A row with both keeps its text; the title's column moves on all the same.</summary>
    private static string Also(ParquetLabelColumn? title, string text)
    {
        title?.Skip();
        return text;
    }

    private void ReadVector()
    {
        if (!vectors!.TryRead(Row))
            throw new InvalidDataException($"Row group {group} declares {groupRows} rows and has {groupRow}.");
        groupRow++;
        if (groupRow == groupRows && !vectors.AtEnd)
            throw new InvalidDataException($"Row group {group} has more rows than the {groupRows} that it declares.");
    }

    /// <summary>Moves on to the next row group that has rows, where this one has no more.</summary>
    /// <returns>False at the end of the file.</returns>
    private bool MoveToRow()
    {
        while (groupRow == groupRows)
        {
            if (!OpenNextGroup())
                return false;
        }
        return true;
    }

    private bool OpenNextGroup()
    {
        CloseGroup();
        (groupRow, groupRows) = (0, 0);
        if (group + 1 >= file.FileMetaData.NumRowGroups)
            return false;
        rows = file.RowGroup(++group);
        RowGroupMetaData metadata = rows.MetaData;
        using ColumnChunkMetaData chunk = metadata.GetColumnChunkMetaData(columns.Vector);
        long bytes = Math.Min(chunk.TotalCompressedSize, source.Length);
        if (metadata.NumRows < 0 || chunk.NumValues < metadata.NumRows)
            throw new InvalidDataException($"Row group {group} declares {metadata.NumRows} rows of {chunk.NumValues} values in all.");
        if (chunk.NumValues > FreeValues && chunk.NumValues / MaxGrowth > bytes)
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, Info.Name,
                $"row group {group} declares {chunk.NumValues} values in {bytes} bytes: hardly a number differs from the next. Write embeddings that differ.");
        groupRows = metadata.NumRows;
        vectors = OpenColumn(metadata, columns.Vector, index => new ParquetVectorColumn(rows, index, chunk.NumValues));
        // One after another into the field: what was opened is closed if the next cannot be.
        int[] indices = [columns.Id, columns.Text, columns.Title, columns.Label];
        labels = new ParquetLabelColumn?[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            if (indices[i] >= 0)
                labels[i] = OpenColumn(metadata, indices[i], index => new ParquetLabelColumn(rows, index));
        }
        return true;
    }

    /// <summary>Opens a column, whose constructor reads its first page: so that the check of its pages comes before.</summary>
    private T OpenColumn<T>(RowGroupMetaData metadata, int index, Func<int, T> open)
    {
        using ColumnChunkMetaData chunk = metadata.GetColumnChunkMetaData(index);
        source.CheckNextChunk(chunk.TotalCompressedSize, chunk.NumValues);
        T column = open(index);
        source.CheckNoChunk();
        return column;
    }

    private void CloseGroup()
    {
        foreach (ParquetLabelColumn? column in labels)
            column?.Dispose();
        labels = [];
        vectors?.Dispose();
        rows?.Dispose();
        (vectors, rows) = (null, null);
    }

    private static void CheckFooter(string name, ParquetSource source)
    {
        Span<byte> end = stackalloc byte[FooterEndBytes];
        source.Seek(-FooterEndBytes, SeekOrigin.End);
        int read = source.Read(end);
        if (read == FooterEndBytes && end[4..].SequenceEqual("PARE"u8))
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, name, "the Parquet file is encrypted. Write it without encryption.");
        if (read < FooterEndBytes || source.Length < FooterEndBytes + 4 || !end[4..].SequenceEqual("PAR1"u8))
            throw new EmbeddingFileException(ProblemTypes.TruncatedFile, name, "the Parquet file has no footer at its end: it was cut off. Upload it again, whole.");
        uint footer = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(end);
        if (footer > Math.Min(MaxFooterBytes, source.Length - FooterEndBytes))
            throw Malformed(name, $"its footer declares {footer} bytes in a file of {source.Length}", null);
        source.Seek(0, SeekOrigin.Begin);
    }

    /// <summary>Runs what calls the library, and translates what it throws.</summary>
    private static T Guard<T>(string name, ParquetSource source, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (e is ParquetException or InvalidDataException or OverflowException or ArgumentException or NotSupportedException or InvalidCastException)
        {
            source.ThrowFault();
            throw Malformed(name, (source.Damage ?? e).Message, e);
        }
    }

    private static EmbeddingFileException Malformed(string name, string found, Exception? inner)
    {
        // The library wraps its message in the name of a C++ type.
        const string before = "(message: '";
        int at = found.IndexOf(before, StringComparison.Ordinal);
        found = at < 0 ? found : found[(at + before.Length)..].TrimEnd('\'', ')');
        string words = string.Concat((found.Length > 120 ? found[..120] : found).Select(c => c is < ' ' or > '~' ? ' ' : c));
        return new EmbeddingFileException(ProblemTypes.MalformedFile, name, $"the Parquet file is damaged: {words.TrimEnd('.', ' ')}. Write it again, or upload it again.", inner: inner);
    }
}
