using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using HierEmbed.Azurite;

[assembly: AssemblyFixture(typeof(AzuriteServer))]

namespace HierEmbed.Storage.Tests.Blobs;

/// <summary>Containers of the tests' blob service, each with a name of its own.</summary>
internal static class TestContainers
{
    public static string NewName() => $"test-{Guid.NewGuid():N}";

    /// <summary>A client of a container that need not be there.</summary>
    /// <param name="azurite">The service.</param>
    /// <param name="name">The container.</param>
    /// <param name="faults">The network in between; null: the real one.</param>
    /// <param name="timeout">How long one request may take; a minute, which a busy machine needs, where it is not what is tested.</param>
    /// <param name="policy">Sees each attempt of a request before its time begins to run.</param>
    public static BlobContainerClient Client(AzuriteServer azurite, string name, FaultTransport? faults = null, TimeSpan? timeout = null, HttpPipelinePolicy? policy = null)
    {
        var options = new BlobClientOptions();
        if (faults is not null)
        {
            options.Transport = faults;
            options.Retry.Delay = options.Retry.MaxDelay = TimeSpan.FromMilliseconds(1);
            options.Retry.MaxRetries = 2;
            options.Retry.NetworkTimeout = timeout ?? TimeSpan.FromSeconds(60);
        }
        if (policy is not null)
            options.AddPolicy(policy, HttpPipelinePosition.PerRetry);
        return new BlobServiceClient(azurite.ConnectionString, options).GetBlobContainerClient(name);
    }
}
