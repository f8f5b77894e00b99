using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace HierEmbed.Storage.Tests.Blobs;

/// <summary>What happens to a request.</summary>
/// <param name="Status">The answer in place of the service's; 0: the service's own.</param>
/// <param name="ErrorCode">The service's word for it.</param>
/// <param name="Done">Whether the service does what it was asked all the same, as when an answer is lost.</param>
/// <param name="Hangs">No answer ever comes.</param>
internal sealed record Fault(int Status = 0, string ErrorCode = "", bool Done = false, bool Hangs = false);

/// <summary>The network between the client and the service, below the client's retries and timeouts.</summary>
internal sealed class FaultTransport(Func<Request, int, Fault?> faultOf) : HttpPipelineTransport
{
    private readonly ConcurrentDictionary<string, int> sent = new();

    /// <summary>Requests that were sent, retries among them.</summary>
    public int Sent => sent.Values.Sum();

    public override Request CreateRequest() => HttpClientTransport.Shared.CreateRequest();

    public override void Process(HttpMessage message) => throw new NotSupportedException("The store sends asynchronously.");

    public override async ValueTask ProcessAsync(HttpMessage message)
    {
        // One number for each request of the client, its retries counted.
        int attempt = sent.AddOrUpdate(message.Request.ClientRequestId, 1, (_, before) => before + 1);
        Fault? fault = faultOf(message.Request, attempt);
        if (fault is { Hangs: true })
            await Task.Delay(Timeout.Infinite, message.CancellationToken);
        if (fault is null or { Done: true })
            await HttpClientTransport.Shared.ProcessAsync(message);
        if (fault is { Status: > 0 })
            message.Response = new FaultResponse(fault, message.Request.ClientRequestId);
    }

    private sealed class FaultResponse(Fault fault, string clientRequestId) : Response
    {
        public override int Status => fault.Status;

        public override string ReasonPhrase => fault.ErrorCode;

        public override Stream? ContentStream { get; set; }

        public override string ClientRequestId { get; set; } = clientRequestId;

        public override void Dispose()
        {
        }

        protected override bool ContainsHeader(string name) => name == "x-ms-error-code";

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [new HttpHeader("x-ms-error-code", fault.ErrorCode)];

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value) => (value = ContainsHeader(name) ? fault.ErrorCode : null) is not null;

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values) => (values = ContainsHeader(name) ? [fault.ErrorCode] : null) is not null;
    }
}
