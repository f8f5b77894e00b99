using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace HierEmbed.Storage.Blobs;

/// <summary>Reads one state of a blob, in ranges that all carry the ETag of the first.</summary>
internal sealed class PinnedBlob : Stream
{
    // A small blob comes with the opening; a range that follows on the last is twice its size, so long reads take few requests and scattered ones few bytes.
    private const int FirstBytes = 256 * 1024, MostBytes = 4 * 1024 * 1024;
    private readonly BlobBaseClient blob;
    private readonly string name;
    private readonly string etag;
    private readonly long length;
    private byte[] range;
    private long rangeStart;
    private long position;

    private PinnedBlob(BlobBaseClient blob, string name, string etag, long length, byte[] first)
    {
        this.blob = blob;
        this.name = name;
        this.etag = etag;
        this.length = length;
        range = first;
    }

    /// <summary>Opens a blob and reads its first range.</summary>
    /// <exception cref="ArtifactNotFoundException">It, or its container, is not there.</exception>
    /// <exception cref="ArtifactChangedException">Its ETag is another.</exception>
    public static async Task<Stream> OpenAsync(BlobBaseClient blob, string name, string? ifMatch, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    (byte[] first, BlobDownloadDetails details) = await BlobCall.RunAsync(() => DownloadAsync(blob, 0, FirstBytes, ifMatch, cancellationToken), cancellationToken);
                    return new PinnedBlob(blob, name, BlobCall.Text(details.ETag), TotalBytes(details.ContentRange), first);
                }
                catch (RequestFailedException e) when (e.Status == 416)
                {
                    // An empty blob has no range. Looked at again, because it may have been written since.
                    BlobProperties now = await BlobCall.RunAsync(() => blob.GetPropertiesAsync(BlobCall.IfMatch(ifMatch), cancellationToken), cancellationToken);
                    if (now.ContentLength == 0)
                        return new MemoryStream([], writable: false);
                }
            }
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new ArtifactNotFoundException(name);
        }
        catch (RequestFailedException e) when (e.Status == 412 && ifMatch is not null)
        {
            throw new ArtifactChangedException(name, ifMatch);
        }
    }

    /// <summary>Reads one range and nothing around it.</summary>
    /// <returns>Bytes read: fewer than asked for where the blob ends before.</returns>
    /// <exception cref="ArtifactNotFoundException">The blob, or its container, is not there.</exception>
    public static async Task<int> ReadRangeAsync(BlobBaseClient blob, string name, long offset, Memory<byte> part, CancellationToken cancellationToken)
    {
        // A range of no bytes cannot be asked for.
        if (part.IsEmpty)
            return 0;
        try
        {
            (byte[] content, _) = await BlobCall.RunAsync(() => DownloadAsync(blob, offset, part.Length, null, cancellationToken), cancellationToken);
            content.CopyTo(part);
            return content.Length;
        }
        catch (RequestFailedException e) when (e.Status == 416)
        {
            return 0;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new ArtifactNotFoundException(name);
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || position >= length)
            return 0;
        if (position < rangeStart || position >= rangeStart + range.Length)
            await LoadAsync(cancellationToken);
        int at = (int)(position - rangeStart);
        int bytes = Math.Min(buffer.Length, range.Length - at);
        range.AsSpan(at, bytes).CopyTo(buffer.Span);
        position += bytes;
        return bytes;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // Archives are read synchronously. Blocking is safe: neither host has a synchronization context that the answer would wait for.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = offset + (origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => position, _ => length });

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        int bytes = position == rangeStart + range.Length ? Math.Clamp(range.Length * 2, FirstBytes, MostBytes) : FirstBytes;
        try
        {
            (range, _) = await BlobCall.RunAsync(() => DownloadAsync(blob, position, bytes, etag, cancellationToken), cancellationToken);
            rangeStart = position;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            throw new ArtifactChangedException(name, etag);
        }
    }

    private static async Task<(byte[] Content, BlobDownloadDetails Details)> DownloadAsync(BlobBaseClient blob, long start, int bytes, string? ifMatch, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions { Range = new HttpRange(start, bytes), Conditions = BlobCall.IfMatch(ifMatch) };
        using BlobDownloadStreamingResult answer = await blob.DownloadStreamingAsync(options, cancellationToken);
        byte[] content = new byte[answer.Details.ContentLength];
        await answer.Content.ReadExactlyAsync(content, cancellationToken);
        return (content, answer.Details);
    }

    /// <summary>The blob's size, out of "bytes 0-99/1234".</summary>
    private static long TotalBytes(string contentRange) => long.Parse(contentRange.AsSpan(contentRange.LastIndexOf('/') + 1), CultureInfo.InvariantCulture);
}
