using HierEmbed.Core.Errors;

namespace HierEmbed.Core.Readers;

/// <summary>What the readers of text formats share: they parse one row after another and learn the dims from the first that is good.</summary>
internal abstract class ParsedRowReader : IEmbeddingReader
{
    private readonly RowJudge judge;
    private long parsedRows;
    private long? primedRow;
    private long unreadBeforePrimed;

    protected ParsedRowReader(string name, ReaderOptions options)
    {
        Row = new ParsedRow(options.MaxDims);
        judge = new RowJudge(name, options);
        Info = new EmbeddingFileInfo(name, "", "", 0);
    }

    public EmbeddingFileInfo Info { get; private set; }
    public long NextRow => primedRow is null ? parsedRows : unreadBeforePrimed;
    public RowRejections Rejections => judge.Rejections;

    /// <summary>The row that was parsed last.</summary>
    protected ParsedRow Row { get; }

    /// <summary>Number of the row that is parsed next, from 0.</summary>
    protected long NextParsed => parsedRows;

    public bool Read(EmbeddingBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(batch.Dims, Info.Dims);
        batch.Clear();
        if (primedRow is { } row)
        {
            Add(batch, row);
            primedRow = null;
        }
        while (!batch.IsFull)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!ParseNext(cancellationToken))
            {
                if (batch.Count > 0)
                    return true;
                judge.End(parsedRows);
                return false;
            }
            if (Accept(parsedRows++))
                Add(batch, parsedRows - 1);
        }
        return true;
    }

    public void SkipTo(long row, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(row, NextRow);
        if (primedRow is not null)
        {
            judge.ForgetBefore(row);
            if (row <= primedRow)
            {
                unreadBeforePrimed = row;
                return;
            }
            primedRow = null;
        }
        parsedRows += SkipMany(row - parsedRows, cancellationToken);
        for (; parsedRows < row; parsedRows++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!SkipNext(cancellationToken))
                throw new EmbeddingFileException(ProblemTypes.TruncatedFile, Info.Name,
                    $"the file has {parsedRows} rows; row {row} was to be read next. It changed since: start again.");
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Parses the next row into <see cref="Row"/>.</summary>
    /// <returns>False at the end of the file.</returns>
    protected abstract bool ParseNext(CancellationToken cancellationToken);

    /// <summary>Passes over the next row.</summary>
    /// <returns>False at the end of the file.</returns>
    protected abstract bool SkipNext(CancellationToken cancellationToken);

    /// <summary>Passes over many rows at once, where the format knows without reading them where others begin.</summary>
    /// <returns>How many: at most those asked for; the rest are passed over one by one.</returns>
    protected virtual long SkipMany(long count, CancellationToken cancellationToken) => 0;

    /// <summary>Closes the file.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Parses up to the first good row, which tells the dims, and keeps it for the first batch.</summary>
    /// <param name="info">What is known of the file without that.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="EmbeddingFileException">There is none.</exception>
    protected void Prime(EmbeddingFileInfo info, CancellationToken cancellationToken)
    {
        while (ParseNext(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Accept(parsedRows++))
            {
                primedRow = parsedRows - 1;
                Info = info with
                {
                    Dims = Row.Values.Length,
                    ElementType = Row.ElementType ?? info.ElementType,
                    ParentModel = info.ParentModel ?? Row.ParentModel,
                    InputType = info.InputType ?? Row.InputType,
                };
                return;
            }
        }
        judge.End(parsedRows);
    }

    private bool Accept(long row)
    {
        if (Info.ParentModel is { } known && Row.ParentModel is { } model && model != known)
            throw new EmbeddingFileException(ProblemTypes.UnsupportedContent, Info.Name,
                $"the row was made by the model {Shorten(model)}, rows before by {Shorten(known)}. Put the embeddings of each model into a dataset of its own.", row);
        if (Row.Problem is { } problem)
        {
            Rejections.Add(row, Row.ProblemReason, problem);
            return false;
        }
        if (Row.IsTooLong)
        {
            Rejections.Add(row, RejectionReason.WrongLength, FormattableString.Invariant($"more than {Row.Values.Length} values; expected {(Info.Dims > 0 ? Info.Dims : "fewer")}"));
            return false;
        }
        return judge.Accept(row, Row.Values, Info.Dims);
    }

    private static string Shorten(string text) => text.Length <= 50 ? text : text[..50];

    private void Add(EmbeddingBatch batch, long row)
    {
        Row.Values.CopyTo(batch.NextRow());
        batch.Commit(row, Row.Labels);
    }
}
