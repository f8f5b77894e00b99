using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Labels;

/// <summary>Ends the reading of a JSON file whose rows do not end: a JSON value is held whole, so that one of gigabytes would take as much memory.</summary>
/// <param name="file">The file's name, for the message.</param>
/// <param name="inner">Its content; it stays the caller's.</param>
/// <param name="maxBytes">Bytes that are read for one row at most, those that were read ahead of it among them: rows of a quarter of that always pass, as buffers grow by doubling.</param>
internal sealed class RowLimitStream(string file, Stream inner, int maxBytes) : ForwardStream(inner, leaveOpen: true)
{
    private long read;
    private long row;

    /// <summary>A row has ended.</summary>
    public void NextRow()
    {
        read = 0;
        row++;
    }

    public override int Read(Span<byte> buffer) => Counted(Inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(await Inner.ReadAsync(buffer, cancellationToken));

    private int Counted(int count)
    {
        read += count;
        if (read > maxBytes)
            throw new EmbeddingFileException(ProblemTypes.MalformedFile, file, $"the row does not end within {maxBytes} bytes. Write one row a line: an object with id, text or label, or a bare label.", row);
        return count;
    }
}
