using System.Runtime.InteropServices;
using HierEmbed.Storage.Blobs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Tells what a retry may cure from what it cannot, and says it in a line.</summary>
internal static class Faults
{
    private const int MaxDescription = 240;

    /// <summary>Whether calling a step again may succeed: storage, network, memory and time can be better the next time; arithmetic cannot.</summary>
    public static bool AreTransient(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or TimeoutException or OperationCanceledException or HttpRequestException
            or OutOfMemoryException or ExternalException
        || BlobFaults.IsTransient(exception)
        || (exception is AggregateException { InnerException: { } inner } && AreTransient(inner));

    /// <summary>What happened, in one line of at most 240 characters. A service's answer comes with its headers, which say nothing to a user.</summary>
    public static string Describe(Exception exception)
    {
        // What the client throws once its retries are used up holds them all.
        if (exception is AggregateException { InnerException: { } inner })
            return Describe(inner);
        string text = BlobFaults.Describe(exception) ?? $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
        return text.Length <= MaxDescription ? text : text[..(MaxDescription - 3)] + "...";
    }
}
