using System.IO.Enumeration;
using HierEmbed.Core.Errors;
using HierEmbed.Storage.Datasets;

namespace HierEmbed.Cli;

/// <summary>Files that a user names on the command line: each one, or all embedding files of a folder.</summary>
internal static class InputFiles
{
    private static readonly EnumerationOptions EveryEntry = new() { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = 0 };

    public static IReadOnlyList<string> Expand(IEnumerable<string> arguments)
    {
        var files = new List<string>();
        foreach (string argument in arguments)
        {
            if (File.Exists(argument))
                files.Add(Path.GetFullPath(argument));
            else if (Directory.Exists(argument))
                files.AddRange(InFolder(Path.GetFullPath(argument)));
            else
                throw new DatasetException(ProblemTypes.DatasetNotFound, $"There is no file or folder \"{argument}\". Check the path.");
        }
        return files.Count > 0 ? files : throw new DatasetException(ProblemTypes.DatasetNotFound, $"There are no embedding files in {string.Join(", ", arguments)}.");
    }

    /// <summary>The <c>training.json</c> of the one folder that was named, if there is one.</summary>
    public static string? TrainingFile(IReadOnlyList<string> arguments)
    {
        string? path = arguments.Count == 1 && Directory.Exists(arguments[0]) ? Path.Combine(arguments[0], DatasetCatalog.TrainingFile) : null;
        return File.Exists(path) ? path : null;
    }

    /// <summary>A full path as messages say it: from the working folder where it lies below that.</summary>
    public static string Shown(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    private static IEnumerable<string> InFolder(string folder) =>
        // Links to folders are not followed: they can lead back here, without an end.
        new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToFullPath(), EveryEntry)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        }
            .Where(path => DatasetCatalog.IsEmbeddingFile("dataset/" + Path.GetRelativePath(folder, path).Replace('\\', '/')))
            .Order(StringComparer.Ordinal);
}
