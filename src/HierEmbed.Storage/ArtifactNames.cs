using System.Text;
using HierEmbed.Core.Errors;

namespace HierEmbed.Storage;

/// <summary>Which names artifacts have. The same ones in every store, so that what one holds can be copied to another.</summary>
public static class ArtifactNames
{
    // What ext4, APFS and NTFS allow a file name to be, in UTF-8 bytes; and room for a root in front of the whole name. A blob's may have 1024 characters.
    private const int MaxSegmentBytes = 255, MaxNameBytes = 1024;

    /// <summary>Whether a file or folder of this name is part of the store, rather than hidden or named as no artifact can be.</summary>
    internal static bool IsSegment(ReadOnlySpan<char> segment) =>
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
        return IsName(name)
            ? name
            : throw new RequestException(ProblemTypes.InvalidRequest,
                $"\"{(name.Length > 80 ? name[..77] + "..." : name)}\" is no artifact name; expected segments with '/' between, none empty, none that begins with a dot, no backslash, 255 bytes each at most.");
    }

    /// <summary>Refuses what begins no artifact's name. Its last segment may be any beginning of one.</summary>
    /// <returns>The folder part of the prefix with '/' behind it; empty where it has none.</returns>
    /// <exception cref="RequestException">The prefix climbs out.</exception>
    internal static string RequirePrefix(string prefix)
    {
        int slash = prefix.LastIndexOf('/');
        return slash < 0 ? "" : Require(prefix[..slash]) + "/";
    }

    /// <summary>Whether a name that was found is an artifact's: people put other things into containers too.</summary>
    public static bool IsName(string name)
    {
        bool allowed = Encoding.UTF8.GetByteCount(name) <= MaxNameBytes;
        foreach (Range segment in name.AsSpan().Split('/'))
            allowed = allowed && IsSegment(name.AsSpan()[segment]);
        return allowed;
    }
}
