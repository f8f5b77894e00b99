using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Pipeline.Evaluation;

/// <summary>Rows of several files, one after another, as a training would read them.</summary>
/// <param name="files">Files by full path, each with the name that messages give it.</param>
/// <param name="dims">Length that every row must have.</param>
/// <param name="modelId">The model that takes rows of that length.</param>
/// <param name="options">How files are read.</param>
internal sealed class FileRows(IReadOnlyList<(string Path, string Shown)> files, int dims, string modelId, ReaderOptions options)
{
    private const int BatchRows = 512;

    /// <summary>Takes one row.</summary>
    /// <param name="position">Place among the rows that are not rejected, over all files.</param>
    /// <param name="line">Place among all rows, rejected ones too: what a file of labels counts by.</param>
    /// <param name="row">Its values.</param>
    /// <param name="labels">What the file says of it.</param>
    public delegate void Visitor(long position, long line, ReadOnlySpan<float> row, RowLabels labels);

    /// <summary>Shows every row.</summary>
    /// <param name="visit">Is given each.</param>
    /// <param name="withLabels">Whether ids, texts and labels are given too.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Rows in all files, rejected ones too.</returns>
    /// <exception cref="EmbeddingFileException">A file cannot be read or is of other dimensions.</exception>
    public long Visit(Visitor visit, bool withLabels, CancellationToken cancellationToken)
    {
        long position = 0, before = 0;
        foreach ((string file, string shown) in files)
        {
            using IEmbeddingReader reader = EmbeddingReaders.Open(shown, File.OpenRead(file), options, cancellationToken);
            if (reader.Info.Dims != dims)
                throw new EmbeddingFileException(ProblemTypes.WrongDimensions, shown,
                    $"the file has {reader.Info.Dims} dimensions, model {modelId} takes {dims}. Use the model that was trained on these embeddings.");
            var batch = new EmbeddingBatch(BatchRows, dims, withLabels);
            while (reader.Read(batch, cancellationToken))
            {
                for (int row = 0; row < batch.Count; row++)
                    visit(position++, before + batch.SourceRows[row], batch.Row(row), batch.Labels[row]);
            }
            before += reader.NextRow;
        }
        return before;
    }
}
