using Microsoft.Win32.SafeHandles;

namespace HierEmbed.Cli.Search;

/// <summary>Files of the scratch folder that go with the process: where the system allows it they lose their names at once, so that nothing stays however it ends.</summary>
internal static class ScratchFile
{
    /// <summary>Makes one.</summary>
    /// <param name="folder">The scratch folder; made where it is missing.</param>
    public static SafeFileHandle Create(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = NewPath(folder);
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None);
        Unname(path);
        return file;
    }

    /// <summary>Takes the name of a file that is open or mapped, where it stays readable without. Elsewhere whoever closes it deletes it.</summary>
    public static void Unname(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
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
