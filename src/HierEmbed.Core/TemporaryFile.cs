namespace HierEmbed.Core;

/// <summary>A file for what does not fit into memory; it is deleted when it is closed.</summary>
internal static class TemporaryFile
{
    /// <summary>Makes one.</summary>
    /// <param name="folder">Where; null: the system's folder for temporary files.</param>
    public static FileStream Create(string? folder = null) => new(Path.Combine(folder ?? Path.GetTempPath(), $"hierembed-{Guid.NewGuid():n}.tmp"), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        Options = FileOptions.DeleteOnClose,
        BufferSize = 64 * 1024,
    });
}
