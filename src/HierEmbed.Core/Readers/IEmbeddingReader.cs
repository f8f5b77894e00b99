namespace HierEmbed.Core.Readers;

/// <summary>Streams the rows of one embedding file in file order, a batch at a time. Every format has one implementation.</summary>
/// <remarks>Not thread-safe. Rows that are rejected (NaN, infinity, wrong length, zeros where those are refused) are left out of the
/// batches and listed in <see cref="Rejections"/>. Whether there were too many is judged when the end is reached.</remarks>
public interface IEmbeddingReader : IDisposable
{
    /// <summary>What is known of the file. <see cref="EmbeddingFileInfo.Dims"/> is known from the start: a reader looks at its first row when it is opened.</summary>
    EmbeddingFileInfo Info { get; }

    /// <summary>Row number in the file, from 0, of the next row to be read, rejected rows counted.</summary>
    long NextRow { get; }

    /// <summary>Rows left out so far.</summary>
    RowRejections Rejections { get; }

    /// <summary>Replaces the batch's content with the next rows, up to its capacity.</summary>
    /// <param name="batch">Its dims must be <see cref="EmbeddingFileInfo.Dims"/>.</param>
    /// <param name="cancellationToken">Stops between reads of the stream.</param>
    /// <returns>False at the end of the file, where the batch is empty. A true answer can come with an empty batch when all its rows were rejected.</returns>
    /// <exception cref="Errors.EmbeddingFileException">The file is malformed or ends early; at the end: it has no rows, or too many were rejected.</exception>
    bool Read(EmbeddingBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Moves to a row, so that work on a file can go on where it stopped. Rows that are passed over are not judged again.</summary>
    /// <param name="row">Row number in the file, from <see cref="NextRow"/> on.</param>
    /// <param name="cancellationToken">Stops between reads of the stream.</param>
    void SkipTo(long row, CancellationToken cancellationToken = default);
}
