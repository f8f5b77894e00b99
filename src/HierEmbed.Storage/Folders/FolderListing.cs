using System.IO.Enumeration;

namespace HierEmbed.Storage.Folders;

/// <summary>Walks a folder store in ordinal order of full names, a folder at a time.</summary>
internal static class FolderListing
{
    // A folder that may not be read (lost+found at the root of a volume) is passed over, like hidden ones.
    private static readonly EnumerationOptions EntryOptions = new() { AttributesToSkip = 0, IgnoreInaccessible = true };

    /// <summary>Names of files that begin with a prefix. Files and folders that vanish meanwhile are left out.</summary>
    /// <remarks>Links to files are files; links to folders are not followed, so no walk runs in a circle.</remarks>
    /// <exception cref="Core.Errors.RequestException">The prefix climbs out.</exception>
    public static IEnumerable<string> Names(string root, string prefix)
    {
        return Walk(root, ArtifactNames.RequirePrefix(prefix), prefix);
    }

    private static IEnumerable<string> Walk(string root, string folder, string prefix)
    {
        foreach (string key in Entries(Path.Join(root, folder)))
        {
            string name = folder + key;
            bool isFolder = key.EndsWith('/');
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                if (!isFolder)
                    yield return name;
                else
                    foreach (string inner in Walk(root, name, prefix))
                        yield return inner;
            }
        }
    }

    /// <summary>What lies in one folder, folders with '/' behind them: in that form their order is the order of the full names below them.</summary>
    private static List<string> Entries(string path)
    {
        try
        {
            var entries = new FileSystemEnumerable<string>(path,
                (ref FileSystemEntry entry) => entry.IsDirectory ? entry.FileName.ToString() + "/" : entry.FileName.ToString(), EntryOptions)
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => ArtifactNames.IsSegment(entry.FileName)
                    && !(entry.IsDirectory && entry.Attributes.HasFlag(FileAttributes.ReparsePoint)),
            };
            List<string> sorted = [.. entries];
            sorted.Sort(StringComparer.Ordinal);
            return sorted;
        }
        catch (DirectoryNotFoundException)
        {
            return []; // It vanished, or never was: no names begin so.
        }
    }
}
