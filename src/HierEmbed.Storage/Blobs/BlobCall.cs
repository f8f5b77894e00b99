using Azure;
using Azure.Storage.Blobs.Models;

namespace HierEmbed.Storage.Blobs;

/// <summary>What all requests to the blob service have in common.</summary>
internal static class BlobCall
{
    /// <summary>Sends a request. One that gets no answer in time ends in <see cref="TimeoutException"/>: a cancellation is what the caller asked for, and nothing else.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request();
        }
        // The second is what the client throws once its retries are used up.
        catch (Exception e) when (e is OperationCanceledException or AggregateException { InnerException: OperationCanceledException }
            && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The blob service did not answer in time. Look whether it can be reached, then try again.", e);
        }
    }

    /// <summary>Sends a request, and takes the value out of its answer.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<Response<T>>> request, CancellationToken cancellationToken) =>
        (await RunAsync<Response<T>>(request, cancellationToken)).Value;

    /// <summary>An ETag without quotes: listings give it so, headers do not.</summary>
    public static string Text(ETag etag) => etag.ToString().Trim('"');

    /// <summary>The condition that a blob has an ETag; null: none.</summary>
    public static BlobRequestConditions? IfMatch(string? etag) => etag is null ? null : new BlobRequestConditions { IfMatch = new ETag(etag) };
}
