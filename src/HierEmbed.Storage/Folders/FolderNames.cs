using System.Text;
using HierEmbed.Core.Errors;

namespace HierEmbed.Storage.Folders;

/// <summary>Which names a folder store has, and where they lie on disk.</summary>
internal static class FolderNames
{
    // What ext4, APFS and NTFS allow a file name to be, in UTF-8 bytes; and room for a root in front of the whole name.
    private const int MaxSegmentBytes = 255, MaxNameBytes = 1024;

    /// <summary>Whether a file or folder of this name is part of the store, rather than hidden or named as no artifact can be.</summary>
    public static bool IsSegment(ReadOnlySpan<char> segment) =>
        segment.Length > 0
        && segment[0] != '.'
        && segment.IndexOfAny('/', '\\', '\0') < 0
        && !(OperatingSystem.IsWindows() && segment.Contains(':'))
        && Encoding.UTF8.GetByteCount(segment) <= MaxSegmentBytes;

    /// <summary>Refuses what is no artifact's name.</summary>
    /// <exception cref="RequestException">It climbs out, is absolute, is hidden, or has an empty or overlong segment.</exception>
    public static string Require(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool allowed = Encoding.UTF8.GetByteCount(name) <= MaxNameBytes;
        foreach (Range segment in name.AsSpan().Split('/'))
            allowed = allowed && IsSegment(name.AsSpan()[segment]);
        return allowed
            ? name
            : throw new RequestException(ProblemTypes.InvalidRequest,
                $"\"{(name.Length > 80 ? name[..77] + "..." : name)}\" is no artifact name; expected segments with '/' between, none empty, none that begins with a dot, no backslash, 255 bytes each at most.");
    }

    /// <summary>Where an artifact lies.</summary>
    /// <exception cref="RequestException">The name is not allowed.</exception>
    public static string PathOf(string root, string name) => Path.Join(root, Require(name).Replace('/', Path.DirectorySeparatorChar));
}
