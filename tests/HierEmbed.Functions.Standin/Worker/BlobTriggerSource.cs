// Azure/azure-functions-dotnet-worker: extensions/Worker.Extensions.Storage.Blobs/src/BlobTriggerSource.cs
namespace Microsoft.Azure.Functions.Worker;

public enum BlobTriggerSource
{
    LogsAndContainerScan = 0,
    EventGrid = 1,
}
