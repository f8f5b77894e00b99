using Azure.Identity;
using Azure.Storage.Blobs;

namespace HierEmbed.EndToEnd.Tests;

/// <summary>The uploads as their owner handles them: files in a folder, or blobs through the Azure SDK.</summary>
internal abstract class Uploads
{
    private const string Container = "embeddings";

    /// <param name="storage">A connection string, a blob service's address where the environment's identity signs in, or a folder.</param>
    public static Uploads Open(string storage) =>
        storage.StartsWith("https://", StringComparison.Ordinal) ? new Blobs(new BlobServiceClient(new Uri(storage), new DefaultAzureCredential()).GetBlobContainerClient(Container))
        : storage.Contains('=', StringComparison.Ordinal) ? new Blobs(new BlobContainerClient(storage, Container))
        : new Folder(storage);

    public abstract Task PutAsync(string name, byte[] content);

    private sealed class Folder(string root) : Uploads
    {
        public override async Task PutAsync(string name, byte[] content)
        {
            string path = Path.Combine(root, Container, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Blobs(BlobContainerClient container) : Uploads
    {
        public override async Task PutAsync(string name, byte[] content)
        {
            await container.CreateIfNotExistsAsync(cancellationToken: TestContext.Current.CancellationToken);
            await container.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(content), overwrite: true, TestContext.Current.CancellationToken);
        }
    }
}
