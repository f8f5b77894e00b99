namespace HierEmbed.Cli.Output;

/// <summary>Writes to a temporary name beside the path and moves it there at the end.</summary>
internal sealed class PendingFile(string path) : IDisposable
{
    // In the nearest folder that is there: the same disk, and no folder is left behind where nothing comes of it.
    private readonly string temporary = Path.Combine(Nearest(Path.GetDirectoryName(path)!), $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");

    public FileStream Create() => File.Create(temporary);

    public void Appear()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(temporary, path, overwrite: true);
    }

    public void Dispose() => File.Delete(temporary);

    private static string Nearest(string folder) => Directory.Exists(folder) ? folder : Nearest(Path.GetDirectoryName(folder)!);
}
