using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace HierEmbed.Storage.Blobs;

/// <summary>A container that is an Azure blob container: artifacts are its block blobs. It is made by the first write; one that is missing is empty.</summary>
/// <remarks>
/// Conditions are the service's own, by ETag, so they hold between all that write to the container. What an artifact may not be called
/// (hidden names, empty segments) is passed over in listings. The folders that accounts with a hierarchical namespace show as blobs are no artifacts.
/// </remarks>
/// <param name="container">The container. Its client's options say how often a request is tried again, and how long one may take.</param>
public sealed class BlobStore(BlobContainerClient container) : IArtifactStore
{
    /// <inheritdoc />
    /// <exception cref="RequestFailedException">The service refuses or fails.</exception>
    /// <exception cref="TimeoutException">The service does not answer.</exception>
    public async Task<bool> ExistsAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            // By a listing, which takes no right that a reader has not.
            await using IAsyncEnumerator<Page<BlobItem>> pages = container.GetBlobsAsync(cancellationToken: cancellationToken).AsPages(pageSizeHint: 1).GetAsyncEnumerator(cancellationToken);
            await BlobCall.RunAsync(() => pages.MoveNextAsync().AsTask(), cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            return false;
        }
    }

    /// <inheritdoc />
    /// <exception cref="RequestFailedException">The service refuses or fails.</exception>
    /// <exception cref="TimeoutException">The service does not answer.</exception>
    public async Task<ArtifactInfo?> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        BlobClient blob = container.GetBlobClient(ArtifactNames.Require(name));
        try
        {
            BlobProperties found = await BlobCall.RunAsync(() => blob.GetPropertiesAsync(null, cancellationToken), cancellationToken);
            return IsFolder(found.Metadata) ? null : new ArtifactInfo(name, found.ContentLength, BlobCall.Text(found.ETag), found.LastModified);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <inheritdoc />
    /// <remarks>The stream asks for ranges, each with the ETag that the first had: a blob that is replaced or deleted meanwhile is noticed by the next range.</remarks>
    /// <exception cref="RequestFailedException">The service refuses or fails.</exception>
    /// <exception cref="TimeoutException">The service does not answer.</exception>
    public Task<Stream> OpenReadAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default) =>
        PinnedBlob.OpenAsync(container.GetBlobClient(ArtifactNames.Require(name)), name, ifMatch, cancellationToken);

    /// <inheritdoc />
    /// <exception cref="RequestFailedException">The service refuses or fails.</exception>
    /// <exception cref="TimeoutException">The service does not answer.</exception>
    public Task<int> ReadRangeAsync(string name, long offset, Memory<byte> part, CancellationToken cancellationToken = default) =>
        PinnedBlob.ReadRangeAsync(container.GetBlobClient(ArtifactNames.Require(name)), name, offset, part, cancellationToken);

    /// <inheritdoc />
    /// <remarks>What does not fit into one request is staged in blocks that nobody sees; the service drops those that are not committed within a week.</remarks>
    /// <exception cref="RequestFailedException">The service refuses or fails.</exception>
    /// <exception cref="TimeoutException">The service does not answer.</exception>
    /// <exception cref="IOException">Another wrote the same artifact meanwhile, without a condition as this one: write again.</exception>
    public async Task<string?> WriteAsync(string name, Func<Stream, CancellationToken, Task> write, WriteCondition condition, CancellationToken cancellationToken = default)
    {
        await using var content = new StagedBlob(container, ArtifactNames.Require(name), cancellationToken);
        await write(content, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return await content.CommitAsync(condition);
    }

    /// <inheritdoc />
    /// <remarks>In the service's order, which is that of UTF-8 bytes: it differs from UTF-16's only for characters beyond U+FFFF.</remarks>
    /// <exception cref="RequestFailedException">The service refuses or fails.</exception>
    /// <exception cref="TimeoutException">The service does not answer.</exception>
    public async IAsyncEnumerable<ArtifactInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArtifactNames.RequirePrefix(prefix);
        // Metadata tell folders of a hierarchical namespace from empty blobs.
        var options = new GetBlobsOptions { Prefix = prefix, Traits = BlobTraits.Metadata };
        await using IAsyncEnumerator<BlobItem> items = container.GetBlobsAsync(options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(items, cancellationToken))
        {
            BlobItem item = items.Current;
            if (ArtifactNames.IsName(item.Name) && !IsFolder(item.Metadata))
                yield return new ArtifactInfo(item.Name, item.Properties.ContentLength ?? 0, BlobCall.Text(item.Properties.ETag!.Value), item.Properties.LastModified!.Value);
        }
    }

    /// <inheritdoc />
    /// <exception cref="RequestFailedException">The service refuses or fails.</exception>
    /// <exception cref="TimeoutException">The service does not answer.</exception>
    public async Task<bool> DeleteAsync(string name, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        BlobClient blob = container.GetBlobClient(ArtifactNames.Require(name));
        try
        {
            await BlobCall.RunAsync(() => blob.DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, BlobCall.IfMatch(ifMatch), cancellationToken), cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ConditionNotMet)
        {
            // Nothing there has no ETag either: it may be gone, and then there is nothing to leave.
            return await FindAsync(name, cancellationToken) is null;
        }
    }

    private static bool IsFolder(IDictionary<string, string>? metadata) => metadata is not null && metadata.TryGetValue("hdi_isfolder", out string? value) && value == "true";

    private static async Task<bool> MoveNextAsync(IAsyncEnumerator<BlobItem> items, CancellationToken cancellationToken)
    {
        try
        {
            return await BlobCall.RunAsync(() => items.MoveNextAsync().AsTask(), cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            return false;
        }
    }
}
