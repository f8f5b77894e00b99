using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace HierEmbed.Storage.Blobs;

/// <summary>Takes the content of a blob that appears when it is committed: in one request where it is small, else from blocks that are staged on the way.</summary>
internal sealed class StagedBlob : Stream
{
    /// <summary>Bytes of a block, and of what is sent in one request. The service takes 50,000 blocks: 195 GB.</summary>
    public const int BlockBytes = 4 * 1024 * 1024;

    // More is not sent before the container is known to be there: a service may refuse without reading on, and the sending then stalls until it times out.
    private const int UnaskedBytes = 64 * 1024;

    // Names the writing in the blob's metadata, so that a writer whose answer was lost knows its own work.
    private const string WritingKey = "hierembedwriting";
    private readonly string writing = Guid.NewGuid().ToString("N");
    private readonly BlobContainerClient container;
    private readonly BlockBlobClient blob;
    private readonly CancellationToken cancellationToken;
    private readonly MemoryStream pending = new();
    private readonly List<string> staged = [];
    private bool containerSeen;

    /// <param name="container">The container, which need not be there.</param>
    /// <param name="name">The artifact's name.</param>
    /// <param name="cancellationToken">Cancels all requests.</param>
    public StagedBlob(BlobContainerClient container, string name, CancellationToken cancellationToken)
    {
        this.container = container;
        this.cancellationToken = cancellationToken;
        blob = container.GetBlockBlobClient(name);
    }

    /// <summary>Makes the blob appear, if the condition holds.</summary>
    /// <returns>Its ETag, or null where the condition does not hold.</returns>
    public async Task<string?> CommitAsync(WriteCondition condition)
    {
        try
        {
            if (staged.Count == 0)
                return BlobCall.Text((await InContainerAsync(() => blob.UploadAsync(Pending(), new BlobUploadOptions { Conditions = Conditions(condition), Metadata = Metadata() }, cancellationToken), cancellationToken)).ETag);
            await StageAsync(cancellationToken);
            return BlobCall.Text((await InContainerAsync(() => blob.CommitBlockListAsync(staged, new CommitBlockListOptions { Conditions = Conditions(condition), Metadata = Metadata() }, cancellationToken), cancellationToken)).ETag);
        }
        catch (RequestFailedException e) when (IsRefusal(e, condition))
        {
            // A request whose answer was lost is sent again by the client, and then refused because of what it did itself.
            if (await FindOwnAsync() is { } etag)
                return etag;
            // Blocks are gone where another wrote or deleted the blob meanwhile: at that instant no condition of ours held.
            if (e.ErrorCode == BlobErrorCode.InvalidBlockList && condition == WriteCondition.Always)
                throw new IOException($"{blob.Name} was written by another at the same time. Write it again.", e);
            return null;
        }
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (pending.Length == BlockBytes)
                await StageAsync(cancellationToken);
            int bytes = (int)Math.Min(buffer.Length, BlockBytes - pending.Length);
            pending.Write(buffer.Span[..bytes]);
            buffer = buffer[bytes..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // Archives are written synchronously. Blocking is safe: neither host has a synchronization context that the answer would wait for.
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask().GetAwaiter().GetResult();

    // What is pending is sent when a block is full, and at the end.
    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task StageAsync(CancellationToken token)
    {
        if (pending.Length == 0)
            return;
        // Ids of one blob have one length. No other writer's are the same, so each commits its own blocks or none.
        string id = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{writing}-{staged.Count:D6}"));
        await InContainerAsync(() => blob.StageBlockAsync(id, Pending(), cancellationToken: token), token);
        staged.Add(id);
        pending.SetLength(0);
    }

    /// <summary>Sends what is pending; where the container is missing it is made, and the request sent again.</summary>
    private async Task<T> InContainerAsync<T>(Func<Task<Response<T>>> request, CancellationToken token)
    {
        if (pending.Length > UnaskedBytes && !containerSeen)
            await SeeContainerAsync(token);
        try
        {
            return await BlobCall.RunAsync(request, token);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await MakeContainerAsync(token);
            return await BlobCall.RunAsync(request, token);
        }
    }

    // By the blob rather than the container, which takes no right that a writer has not.
    private async Task SeeContainerAsync(CancellationToken token)
    {
        try
        {
            await BlobCall.RunAsync(() => blob.GetPropertiesAsync(null, token), token);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            if (e.ErrorCode == BlobErrorCode.ContainerNotFound)
                await MakeContainerAsync(token);
        }
        containerSeen = true;
    }

    // Null where another made it first.
    private async Task MakeContainerAsync(CancellationToken token) =>
        await BlobCall.RunAsync<Response<BlobContainerInfo>>(() => container.CreateIfNotExistsAsync(cancellationToken: token), token);

    private async Task<string?> FindOwnAsync()
    {
        try
        {
            BlobProperties there = await BlobCall.RunAsync(() => blob.GetPropertiesAsync(null, cancellationToken), cancellationToken);
            return there.Metadata.TryGetValue(WritingKey, out string? by) && by == writing ? BlobCall.Text(there.ETag) : null;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    private static bool IsRefusal(RequestFailedException e, WriteCondition condition) =>
        e.ErrorCode == BlobErrorCode.BlobAlreadyExists || e.ErrorCode == BlobErrorCode.ConditionNotMet || e.ErrorCode == BlobErrorCode.InvalidBlockList
        || (e.ErrorCode == BlobErrorCode.BlobNotFound && condition.IfMatch is not null);

    // A stream for each attempt, over what is pending.
    private MemoryStream Pending() => new(pending.GetBuffer(), 0, (int)pending.Length, writable: false);

    private Dictionary<string, string> Metadata() => new() { [WritingKey] = writing };

    private static BlobRequestConditions? Conditions(WriteCondition condition) =>
        condition.MustBeAbsent ? new BlobRequestConditions { IfNoneMatch = ETag.All } : BlobCall.IfMatch(condition.IfMatch);
}
