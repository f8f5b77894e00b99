using Azure.Identity;
using Azure.Storage.Blobs;
using HierEmbed.Core.Errors;

namespace HierEmbed.Storage.Blobs;

/// <summary>Connects to a blob service by a connection string or an address.</summary>
internal static class BlobServices
{
    // What a connection string for blobs begins one of its parts with. A folder's name can hold these too; write ./ in front of it then.
    private static readonly string[] Keys = ["UseDevelopmentStorage=", "DefaultEndpointsProtocol=", "BlobEndpoint=", "AccountName=", "AccountKey=", "SharedAccessSignature="];

    /// <summary>How long a request may stand still before it is tried again: the client's own 100 seconds, four times over, would hide a hanging service for minutes.</summary>
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Whether a text says where a blob service is, rather than a folder.</summary>
    public static bool IsBlobService(string location) => IsAddress(location) || IsConnectionString(location);

    /// <summary>Connects; nothing is sent yet.</summary>
    /// <param name="location">A connection string, or the service's address.</param>
    /// <param name="managedIdentityClientId">The user-assigned identity to sign in with at an address; null: whatever the environment gives.</param>
    /// <exception cref="RequestException">It is neither. The text is not quoted: it may hold a key.</exception>
    public static BlobServiceClient Connect(string location, string? managedIdentityClientId)
    {
        var options = new BlobClientOptions { Retry = { NetworkTimeout = NetworkTimeout } };
        if (IsAddress(location))
            return new BlobServiceClient(RequireAddress(location), new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = managedIdentityClientId }), options);
        try
        {
            return new BlobServiceClient(location, options);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new RequestException(ProblemTypes.InvalidRequest,
                "The storage connection string cannot be read. Copy it whole from the storage account's access keys; in a shell, put it in quotes, because it holds ';'.", e);
        }
    }

    private static bool IsAddress(string location) =>
        location.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || location.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private static bool IsConnectionString(string location) =>
        location.Split(';').Any(part => Keys.Any(key => part.TrimStart().StartsWith(key, StringComparison.OrdinalIgnoreCase)));

    private static Uri RequireAddress(string location)
    {
        // Tokens are sent over https alone. A query would be a shared access signature, which a connection string can hold.
        if (!Uri.TryCreate(location, UriKind.Absolute, out Uri? uri) || uri.Scheme != Uri.UriSchemeHttps || uri.Query.Length > 0 || new BlobUriBuilder(uri).BlobContainerName.Length > 0)
            throw new RequestException(ProblemTypes.InvalidRequest,
                "The storage address cannot be used; expected https and the blob service alone, as in https://<account>.blob.core.windows.net. The containers' names are settings; for a shared access signature take a connection string.");
        return uri;
    }
}
