using System.Globalization;
using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers.Npy;

/// <summary>Reads a <c>.npy</c> file of shape <c>[rows, dims]</c>, or <c>[dims]</c> as one row.</summary>
internal sealed class NpyReader : IEmbeddingReader
{
    private readonly Stream stream;
    private readonly Stream? archive;
    private readonly NpyBlockSource source;
    private readonly RowJudge judge;
    private readonly long rows;

    private NpyReader(EmbeddingFileInfo info, Stream stream, Stream? archive, NpyBlockSource source, ReaderOptions options)
    {
        Info = info;
        this.stream = stream;
        this.archive = archive;
        this.source = source;
        rows = info.DeclaredRows!.Value;
        judge = new RowJudge(info.Name, options);
    }

    public EmbeddingFileInfo Info { get; }
    public long NextRow { get; private set; }
    public RowRejections Rejections => judge.Rejections;

    public static IEmbeddingReader Open(string name, Stream stream, ReaderOptions options) => Open(name, "npy", stream, null, null, options);

    /// <summary>Opens a member of an archive.</summary>
    /// <param name="name">The archive's name.</param>
    /// <param name="content">The member's content; closed by the reader.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="archive">Closed by the reader.</param>
    /// <param name="options">How the file is read.</param>
    public static IEmbeddingReader OpenMember(string name, Stream content, long bytes, Stream archive, ReaderOptions options) =>
        Open(name, "npz", content, bytes, archive, options);

    private static NpyReader Open(string name, string format, Stream stream, long? knownBytes, Stream? archive, ReaderOptions options)
    {
        long start = stream.CanSeek ? stream.Position : 0;
        try
        {
            NpyHeader header = NpyHeader.Read(stream);
            NpyElement element = NpyElement.Parse(header.Descr);
            (long rows, int dims) = Dimensions(header, options);
            CheckLength(knownBytes ?? (stream.CanSeek ? stream.Length : null), start + header.Bytes, rows, dims, element);
            // One row, or one column, is stored the same way in both orders.
            bool fortran = header.FortranOrder && rows > 1 && dims > 1;
            if (fortran && !stream.CanSeek)
                throw new NpyHeaderException(ProblemTypes.UnsupportedContent,
                    "the array is in Fortran order, which needs a stream that can seek. Save it with numpy.save(file, numpy.ascontiguousarray(array)).");
            NpyBlockSource source = fortran
                ? new NpyFortranSource(stream, start + header.Bytes, rows, dims, element)
                : new NpyRowMajorSource(stream, dims, element);
            return new NpyReader(new EmbeddingFileInfo(name, format, header.Descr, dims, rows), stream, archive, source, options);
        }
        catch (NpyHeaderException e)
        {
            throw new EmbeddingFileException(e.Type, name, e.Message, inner: e);
        }
    }

    public bool Read(EmbeddingBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(batch.Dims, Info.Dims);
        batch.Clear();
        int count = (int)Math.Min(batch.Capacity, rows - NextRow);
        if (count == 0)
        {
            CheckNothingFollows();
            judge.End(rows);
            return false;
        }
        Span<float> block = batch.NextRows(count);
        if (!source.Read(NextRow, block, cancellationToken))
            throw new EmbeddingFileException(ProblemTypes.TruncatedFile, Info.Name,
                $"the file ends inside this row; the header declares {rows} rows of {Info.Dims} values. Upload it again.", NextRow + source.WholeRowsRead);
        judge.Commit(batch, block, NextRow);
        NextRow += count;
        return true;
    }

    public void SkipTo(long row, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(row, NextRow);
        if (row > rows)
            throw new EmbeddingFileException(ProblemTypes.TruncatedFile, Info.Name, $"the file has {rows} rows; row {row} was to be read next. It changed since: start again.");
        if (!source.Skip(row - NextRow, cancellationToken))
            throw new EmbeddingFileException(ProblemTypes.TruncatedFile, Info.Name,
                $"the file ends before row {row}; the header declares {rows} rows of {Info.Dims} values. Upload it again.");
        NextRow = row;
    }

    public void Dispose()
    {
        source.Dispose();
        stream.Dispose();
        archive?.Dispose();
    }

    private void CheckNothingFollows()
    {
        // Streams that can seek were measured when the file was opened.
        if (!stream.CanSeek && stream.ReadByte() >= 0)
            throw new EmbeddingFileException(ProblemTypes.MalformedFile, Info.Name, $"bytes follow the {rows} rows that the header declares. Save it again with numpy.save.");
    }

    private static (long Rows, int Dims) Dimensions(NpyHeader header, ReaderOptions options)
    {
        string shape = $"({string.Join(", ", header.Shape)})";
        if (header.Shape.Length is not (1 or 2))
            throw new NpyHeaderException(ProblemTypes.UnsupportedContent,
                $"the shape is {(shape.Length > 60 ? shape[..60] : shape)}; expected [rows, dims] or [dims]. Reshape the array to two dimensions.");
        (long rows, long dims) = header.Shape.Length == 2 ? (header.Shape[0], header.Shape[1]) : (1, header.Shape[0]);
        if (rows == 0 || dims == 0)
            throw new NpyHeaderException(ProblemTypes.EmptyFile, $"the shape is {shape}: no values. Upload a file with embeddings.");
        if (dims > options.MaxDims)
            throw new NpyHeaderException(ProblemTypes.UnsupportedContent,
                $"the shape is {shape}: {dims} values a row, at most {options.MaxDims} are read. If it is a flat array, reshape it to [rows, dims].");
        return (rows, (int)dims);
    }

    private static void CheckLength(long? streamBytes, long dataStart, long rows, int dims, NpyElement element)
    {
        Int128 declared = (Int128)rows * dims * element.Bytes;
        string words = string.Create(CultureInfo.InvariantCulture, $"the header declares {rows} rows of {dims} values, {declared} bytes");
        if (declared > long.MaxValue - dataStart)
            throw new NpyHeaderException(ProblemTypes.MalformedFile, $"{words}, which no file can hold. Save it again with numpy.save.");
        if (streamBytes is null)
            return;
        long found = streamBytes.Value - dataStart;
        if (found < declared)
            throw new NpyHeaderException(ProblemTypes.TruncatedFile, $"{words}; {found} are there. Upload it again.");
        if (found > declared)
            throw new NpyHeaderException(ProblemTypes.MalformedFile, $"{words}; {found} are there. Save it again with numpy.save.");
    }
}
