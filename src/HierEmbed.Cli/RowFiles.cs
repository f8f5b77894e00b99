using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;
using HierEmbed.Serving.Encoders;

namespace HierEmbed.Cli;

/// <summary>Reads embedding files for a model, one after the other. Rows are counted over all of them, so one that is rejected is an error.</summary>
/// <param name="encoder">The model.</param>
/// <param name="spoolFolder">Folder of temporary files; null: the system's.</param>
internal sealed class RowFiles(EncoderModel encoder, string? spoolFolder)
{
    private const int BatchRows = 512;

    private readonly ReaderOptions options = new() { MaxRejectedFraction = 0, RejectZeroRows = encoder.NormalizesRows, SpoolFolder = spoolFolder };

    /// <summary>The rows, a batch at a time, valid until the next is asked for. While one is worked on, the next is read.</summary>
    /// <param name="files">Full paths.</param>
    /// <param name="cancellationToken">Stops between reads.</param>
    /// <exception cref="EmbeddingFileException">A file cannot be read, or is of other dimensions than the model.</exception>
    public IEnumerable<EmbeddingBatch> Read(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        using IEnumerator<EmbeddingBatch> batches = ReadEach(files, cancellationToken).GetEnumerator();
        Task<bool> reading = Task.Run(batches.MoveNext, CancellationToken.None);
        try
        {
            while (reading.GetAwaiter().GetResult())
            {
                EmbeddingBatch batch = batches.Current;
                reading = Task.Run(batches.MoveNext, CancellationToken.None);
                yield return batch;
            }
        }
        finally
        {
            // Whoever stops early must not close a file that is being read; why reading failed concerns nobody then.
            ((IAsyncResult)reading).AsyncWaitHandle.WaitOne();
        }
    }

    /// <summary>The same, two batches by turns.</summary>
    private IEnumerable<EmbeddingBatch> ReadEach(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        EmbeddingBatch batch = new(BatchRows, encoder.InputDims), other = new(BatchRows, encoder.InputDims);
        foreach (string file in files)
        {
            string shown = InputFiles.Shown(file);
            using IEmbeddingReader reader = EmbeddingReaders.Open(shown, File.OpenRead(file), options, cancellationToken);
            if (reader.Info.Dims != encoder.InputDims)
                throw new EmbeddingFileException(ProblemTypes.WrongDimensions, shown,
                    $"the file has {reader.Info.Dims} dimensions, model {encoder.Manifest.ModelId} takes {encoder.InputDims}. Use the model that was trained on these embeddings.");
            while (reader.Read(batch, cancellationToken))
            {
                yield return batch;
                (batch, other) = (other, batch);
            }
        }
    }
}
