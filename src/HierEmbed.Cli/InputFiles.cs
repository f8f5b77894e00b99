using System.IO.Enumeration;
using HierEmbed.Core.Errors;
using HierEmbed.Storage.Datasets;

namespace HierEmbed.Cli;

/// <summary>Files that a user names on the command line: each one, or all embedding files of a folder.</summary>
internal static class InputFiles
{
    private static readonly EnumerationOptions EveryEntry = new() { IgnoreInaccessible = false, AttributesToSkip = 0 };

    /// <summary>Full paths of the files.</summary>
    /// <param name="arguments">Files and folders.</param>
    /// <param name="unreadable">Is given the folders that cannot be listed, and why; null: that is an error.</param>
    /// <exception cref="DatasetException">There is no such file or folder, or no file in any.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> arguments, Dictionary<string, Exception>? unreadable = null)
    {
        var files = new List<string>();
        foreach (string argument in arguments)
        {
            if (File.Exists(argument))
                files.Add(Path.GetFullPath(argument));
            else if (Directory.Exists(argument))
                files.AddRange(InFolder(Path.GetFullPath(argument), unreadable));
            else
                throw new DatasetException(ProblemTypes.DatasetNotFound, $"There is no file or folder \"{argument}\". Check the path.");
        }
        return files.Count > 0 || unreadable is { Count: > 0 } ? files : throw new DatasetException(ProblemTypes.DatasetNotFound, $"There are no embedding files in {string.Join(", ", arguments)}.");
    }

    /// <summary>The <c>training.json</c> of the one folder that was named, if there is one.</summary>
    public static string? TrainingFile(IReadOnlyList<string> arguments)
    {
        string? path = arguments.Count == 1 && Directory.Exists(arguments[0]) ? Path.Combine(arguments[0], DatasetCatalog.TrainingFile) : null;
        return File.Exists(path) ? path : null;
    }

    /// <summary>Files that say of rows what their own files do not, in the one folder that was named: full paths.</summary>
    public static IReadOnlyList<string> LabelFiles(IReadOnlyList<string> arguments) =>
        arguments.Count == 1 && Directory.Exists(arguments[0]) ? [.. Directory.EnumerateFiles(Path.GetFullPath(arguments[0]), "labels.*")] : [];

    /// <summary>A full path as messages say it: from the working folder where it lies below that.</summary>
    public static string Shown(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private static IEnumerable<string> InFolder(string folder, Dictionary<string, Exception>? unreadable) =>
        FilesBelow(folder, unreadable)
            .Where(path => DatasetCatalog.IsEmbeddingFile("dataset/" + Path.GetRelativePath(folder, path).Replace('\\', '/')))
            .Order(StringComparer.Ordinal);

    private static List<string> FilesBelow(string folder, Dictionary<string, Exception>? unreadable)
    {
        var files = new List<string>();
        var folders = new Stack<string>([folder]);
        while (folders.TryPop(out string? next))
        {
            try
            {
                foreach ((string path, bool isFolder) in Entries(next))
                {
                    if (isFolder)
                        folders.Push(path);
                    else
                        files.Add(path);
                }
            }
            catch (Exception e) when (unreadable is not null && e is (IOException or UnauthorizedAccessException))
            {
                unreadable[next] = e;
            }
        }
        return files;
    }

    /// <summary>Files and folders in a folder. Links to folders are left out: they can lead in circles.</summary>
    private static FileSystemEnumerable<(string Path, bool IsFolder)> Entries(string folder) =>
        new(folder, (ref FileSystemEntry entry) => (Path.Combine(folder, entry.FileName.ToString()), entry.IsDirectory), EveryEntry)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory || !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
}
