namespace HierEmbed.Core.Readers.Npy;

/// <summary>Brings blocks of rows from where the file has them, converted to float32.</summary>
internal abstract class NpyBlockSource : IDisposable
{
    /// <summary>Whole rows that the last read brought before the file ended.</summary>
    public long WholeRowsRead { get; protected set; }

    /// <summary>Fills a block with the rows from <paramref name="firstRow"/>, which is where the last read or skip ended.</summary>
    /// <returns>False where the file ends before.</returns>
    public abstract bool Read(long firstRow, Span<float> block, CancellationToken cancellationToken);

    /// <summary>Passes over rows.</summary>
    /// <returns>False where the file ends before.</returns>
    public abstract bool Skip(long rows, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract void Dispose();
}
