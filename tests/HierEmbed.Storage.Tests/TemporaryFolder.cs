namespace HierEmbed.Storage.Tests;

/// <summary>A folder for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hierembed-storage-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
