using Azure.Storage.Blobs;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Options;
using HierEmbed.Storage.Blobs;
using HierEmbed.Storage.Folders;

namespace HierEmbed.Storage;

/// <summary>The two containers that everything lives in.</summary>
/// <param name="Uploads">What users drop: read only.</param>
/// <param name="Results">What the program makes.</param>
public sealed record HierEmbedStorage(IArtifactStore Uploads, IArtifactStore Results)
{
    /// <summary>Opens both containers.</summary>
    /// <param name="location">
    /// A folder; or a storage account's connection string (<c>UseDevelopmentStorage=true</c> for an emulator on its usual port); or the
    /// address of a blob service, <c>https://&lt;account&gt;.blob.core.windows.net</c>, where the environment's identity signs in.
    /// </param>
    /// <param name="options">Names of the containers, and the identity.</param>
    /// <exception cref="RequestException">It is meant for a blob service and cannot be read as that.</exception>
    public static HierEmbedStorage Open(string location, HierEmbedOptions options)
    {
        if (IsFolder(location))
            return new(new FolderStore(Path.Combine(location, options.UploadsContainer)), new FolderStore(Path.Combine(location, options.ResultsContainer)));
        BlobServiceClient service = BlobServices.Connect(location, string.IsNullOrEmpty(options.ManagedIdentityClientId) ? null : options.ManagedIdentityClientId);
        return new(new BlobStore(service.GetBlobContainerClient(options.UploadsContainer)), new BlobStore(service.GetBlobContainerClient(options.ResultsContainer)));
    }

    /// <summary>Whether a location is a folder, rather than a connection string or an address.</summary>
    public static bool IsFolder(string location) => !BlobServices.IsBlobService(location);
}
