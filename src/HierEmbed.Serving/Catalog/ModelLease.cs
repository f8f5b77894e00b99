using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Serving.Encoders;
using HierEmbed.Serving.Search;

namespace HierEmbed.Serving.Catalog;

/// <summary>The right to use a loaded version: its session stays open until the lease is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private readonly LoadedDecoder dictionary;
    private readonly LoadedRows rows;
    private readonly Action release;
    private int disposed;

    /// <summary>Makes a lease.</summary>
    /// <param name="model">The loaded version.</param>
    /// <param name="queue">Where the rows of all requests meet.</param>
    /// <param name="dictionary">Its dictionary.</param>
    /// <param name="rows">Its stored rows.</param>
    /// <param name="release">Gives it back; called once.</param>
    internal ModelLease(EncoderModel model, EncodeQueue queue, LoadedDecoder dictionary, LoadedRows rows, Action release)
    {
        Model = model;
        Queue = queue;
        this.dictionary = dictionary;
        this.rows = rows;
        this.release = release;
    }

    /// <summary>The loaded version.</summary>
    public EncoderModel Model { get; }

    /// <summary>Encodes rows of this request together with those of others.</summary>
    internal EncodeQueue Queue { get; }

    /// <summary>The first atoms of the version's dictionary, kept while no other prefixes are asked for.</summary>
    /// <param name="prefix">How many; null: all.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="Core.Errors.ModelException">It is missing or damaged, or the model rebuilds no unit embedding from a sum of atoms.</exception>
    public Task<LinearDecoder> DictionaryAsync(int? prefix, CancellationToken cancellationToken) => dictionary.GetAsync(prefix, cancellationToken);

    /// <summary>The version's dictionary, read when it is asked for first.</summary>
    /// <exception cref="Core.Errors.ModelException">It is missing or damaged, or the model rebuilds no unit embedding from a sum of atoms.</exception>
    public Task<LinearDecoder> DictionaryAsync(CancellationToken cancellationToken) => dictionary.GetAsync(cancellationToken);

    /// <summary>Leases the version's stored rows, opened when they are asked for first. Given back before this lease.</summary>
    /// <exception cref="Core.Errors.ModelException">There are none, they are too many for memory, or damaged.</exception>
    internal Task<RowsLease> RowsAsync(CancellationToken cancellationToken) => rows.AcquireAsync(cancellationToken);

    /// <summary>Looks for newer rows at once; rows that are leased meanwhile stay as they are.</summary>
    /// <param name="used">The rows that turned out to be gone.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    internal Task RenewRowsAsync(StoredRows used, CancellationToken cancellationToken) => rows.RenewAsync(used, cancellationToken);

    /// <summary>Gives the version back. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            release();
    }
}
