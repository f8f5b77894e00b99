namespace HierEmbed.Core.Readers.Compression;

/// <summary>The reader of what a compressed file holds, which says what is around it.</summary>
internal sealed class CompressedFileReader(IEmbeddingReader content, string compression) : IEmbeddingReader
{
    public EmbeddingFileInfo Info { get; } = content.Info with { Compression = compression };
    public long NextRow => content.NextRow;
    public RowRejections Rejections => content.Rejections;

    public bool Read(EmbeddingBatch batch, CancellationToken cancellationToken = default) => content.Read(batch, cancellationToken);
    public void SkipTo(long row, CancellationToken cancellationToken = default) => content.SkipTo(row, cancellationToken);
    public void Dispose() => content.Dispose();
}
