namespace HierEmbed.Core;

/// <summary>A file for what does not fit into memory; it is deleted when it is closed.</summary>
internal static class TemporaryFile
{
    public static FileStream Create() => new(Path.Combine(Path.GetTempPath(), $"hierembed-{Guid.NewGuid():n}.tmp"), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        Options = FileOptions.DeleteOnClose,
        BufferSize = 64 * 1024,
    });
}
