using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Cli.Search;

/// <summary>Files of the scratch folder that are deleted when they are closed.</summary>
internal static class ScratchFile
{
    /// <summary>Makes one.</summary>
    /// <param name="folder">The scratch folder; made where it is missing.</param>
    public static SafeFileHandle Create(string folder)
    {
        Directory.CreateDirectory(folder);
        return File.OpenHandle(NewPath(folder), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
    }

    /// <summary>A name that no other file has.</summary>
    public static string NewPath(string folder) => Path.Combine(folder, $"hierembed-{Guid.NewGuid():N}.tmp");

    /// <summary>Reads bytes that were written.</summary>
    /// <exception cref="EndOfStreamException">The file is shorter: somebody else cut it off.</exception>
    public static void ReadExactly(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            int read = RandomAccess.Read(file, bytes, offset);
            if (read == 0)
                throw new EndOfStreamException($"A scratch file ends at byte {offset}, before what was written to it.");
            bytes = bytes[read..];
            offset += read;
        }
    }
}
