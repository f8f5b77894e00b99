using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;
using HierEmbed.Storage.Tests.Blobs;

namespace HierEmbed.Pipeline.Tests.Support;

/// <summary>Faults of whole calls: all attempts of one call meet the same, so that no retry of the client cures it.</summary>
/// <param name="faultOf">The fault of the n-th call, counted from 1; null: none. A look for work has the number of the call before it.</param>
internal sealed class CallFaults(Func<int, Request, Fault?> faultOf) : HttpPipelineSynchronousPolicy
{
    /// <summary>A call that hangs is given up after this, so that a test need not wait; what is answered has its usual time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Fault?> byCall = new();
    private int calls;
    private int met;

    /// <summary>Calls so far, without looks for work: how many of those a host makes depends on time.</summary>
    public int Calls => calls;

    /// <summary>Whether a call lists uploads or markers, as a host does at every poll.</summary>
    public static bool IsLook(Request request) => request.Uri.Query.Contains("comp=list", StringComparison.Ordinal)
        && (!request.Uri.Query.Contains("prefix=", StringComparison.Ordinal) || request.Uri.Query.Contains("prefix=dirty", StringComparison.Ordinal));

    /// <summary>Calls that met a fault.</summary>
    public int Met => met;

    /// <summary>The network that does it.</summary>
    public FaultTransport Network() => new((request, _) => Of(request));

    public override void OnSendingRequest(HttpMessage message)
    {
        if (Of(message.Request) is { Hangs: true })
            message.NetworkTimeout = Patience;
    }

    private Fault? Of(Request request) => byCall.GetOrAdd(request.ClientRequestId, _ =>
    {
        Fault? fault = faultOf(IsLook(request) ? Volatile.Read(ref calls) : Interlocked.Increment(ref calls), request);
        if (fault is not null)
            Interlocked.Increment(ref met);
        return fault;
    });
}
