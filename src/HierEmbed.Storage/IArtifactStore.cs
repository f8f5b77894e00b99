namespace HierEmbed.Storage;

/// <summary>One container of named artifacts: a folder, or a blob container. Every write is whole or not at all.</summary>
/// <remarks>Names are relative, with '/' between segments. An implementation refuses names that climb out (<c>..</c>, absolute, empty segments).</remarks>
public interface IArtifactStore
{
    /// <summary>Whether the container itself is there. One that is missing is read as an empty one, and made by the first write.</summary>
    Task<bool> ExistsAsync(CancellationToken cancellationToken = default);

    /// <summary>Looks an artifact up.</summary>
    /// <returns>Its size and ETag, or null where it is not there.</returns>
    Task<ArtifactInfo?> FindAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Opens an artifact for reading. The stream can seek; what it reads is one state of the artifact from the first byte to the last.</summary>
    /// <param name="name">The artifact's name.</param>
    /// <param name="ifMatch">The ETag that it must have, or null for whatever is there.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <exception cref="ArtifactNotFoundException">It is not there.</exception>
    /// <exception cref="ArtifactChangedException">Its ETag is another; thrown when it is opened or, where it changes later, by a read.</exception>
    Task<Stream> OpenReadAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default);

    /// <summary>Reads a part of an artifact in one request: what is wanted of a large one, and no more.</summary>
    /// <param name="name">The artifact's name. Two reads are of one state only where its content never changes under that name.</param>
    /// <param name="offset">Where the part begins, from 0.</param>
    /// <param name="part">Receives it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>Bytes read: fewer than asked for where the artifact ends before.</returns>
    /// <exception cref="ArtifactNotFoundException">It is not there.</exception>
    async Task<int> ReadRangeAsync(string name, long offset, Memory<byte> part, CancellationToken cancellationToken = default)
    {
        await using Stream stream = await OpenReadAsync(name, null, cancellationToken);
        stream.Position = offset;
        return await stream.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, cancellationToken);
    }

    /// <summary>Writes an artifact: nobody sees it before it is whole.</summary>
    /// <param name="name">The artifact's name.</param>
    /// <param name="write">Writes the content to a stream that need not seek.</param>
    /// <param name="condition">What must hold at the instant it appears.</param>
    /// <param name="cancellationToken">Cancels the writing; nothing is left behind.</param>
    /// <returns>The ETag of what was written, or null where the condition did not hold: nothing was written then.</returns>
    Task<string?> WriteAsync(string name, Func<Stream, CancellationToken, Task> write, WriteCondition condition, CancellationToken cancellationToken = default);

    /// <summary>Lists artifacts whose name begins with a prefix, in ordinal order of names.</summary>
    IAsyncEnumerable<ArtifactInfo> ListAsync(string prefix, CancellationToken cancellationToken = default);

    /// <summary>Deletes an artifact.</summary>
    /// <param name="name">The artifact's name.</param>
    /// <param name="ifMatch">The ETag that it must have, or null for whatever is there.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>True where it is gone now; false where its ETag was another and it stays.</returns>
    Task<bool> DeleteAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default);
}
