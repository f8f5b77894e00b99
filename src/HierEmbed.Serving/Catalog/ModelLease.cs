using HierEmbed.Serving.Encoders;

namespace HierEmbed.Serving.Catalog;

/// <summary>The right to use a loaded version: its session stays open until the lease is disposed.</summary>
public sealed class ModelLease : IDisposable
{
    private readonly Action release;
    private int disposed;

    /// <summary>Makes a lease.</summary>
    /// <param name="model">The loaded version.</param>
    /// <param name="release">Gives it back; called once.</param>
    internal ModelLease(EncoderModel model, Action release)
    {
        Model = model;
        this.release = release;
    }

    /// <summary>The loaded version.</summary>
    public EncoderModel Model { get; }

    /// <summary>Gives the version back. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            release();
    }
}
