using System.Runtime.InteropServices;
using HierEmbed.Storage.Blobs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Tells what a retry may cure from what it cannot.</summary>
internal static class TransientFaults
{
    /// <summary>Whether calling a step again may succeed: storage, network, memory and time can be better the next time; arithmetic cannot.</summary>
    public static bool Is(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or TimeoutException or OperationCanceledException or HttpRequestException
            or OutOfMemoryException or ExternalException
        || BlobFaults.IsTransient(exception)
        || (exception is AggregateException { InnerException: { } inner } && Is(inner));
}
