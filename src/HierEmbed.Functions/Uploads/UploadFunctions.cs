using Azure.Storage.Blobs;
using HierEmbed.Functions.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace HierEmbed.Functions.Uploads;

/// <summary>An upload over two ways of hearing of it. One of them is turned off by <c>AzureWebJobs.&lt;name&gt;.Disabled</c>: where an event comes from is fixed by the attribute.</summary>
/// <param name="watch">What an upload starts.</param>
public sealed class UploadFunctions(UploadWatch watch)
{
    // The colon: the host expands settings by their configuration key, and "__" is one in the environment only (azure-functions-host#10246).
    private const string Uploads = "%HierEmbed:UploadsContainer%/{name}";

    /// <summary>Hears of uploads by polling: works everywhere but on the Flex Consumption plan, and may lag by minutes.</summary>
    [Function("OnEmbeddingsUploaded")]
    public Task OnEmbeddingsUploadedAsync(
        // Bound as a client, so that nothing of the file is read here.
        [BlobTrigger(Uploads, Connection = Settings.Connection, Source = BlobTriggerSource.LogsAndContainerScan)] BlobClient blob,
        string name,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => watch.OnUploadAsync(name, client, cancellationToken);

    /// <summary>Hears of uploads by Event Grid: within a second, on every plan.</summary>
    [Function("OnEmbeddingsUploadedEventGrid")]
    public Task OnEmbeddingsUploadedEventGridAsync(
        [BlobTrigger(Uploads, Connection = Settings.Connection, Source = BlobTriggerSource.EventGrid)] BlobClient blob,
        string name,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => watch.OnUploadAsync(name, client, cancellationToken);
}
