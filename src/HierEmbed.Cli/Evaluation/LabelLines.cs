using HierEmbed.Core.Errors;

namespace HierEmbed.Cli.Evaluation;

/// <summary>A file of labels: one a line, in the order of the rows; an empty line for a row that has none.</summary>
/// <param name="name">The file as the user names it.</param>
/// <param name="lines">Its lines.</param>
internal sealed class LabelLines(string name, string[] lines)
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="DatasetException">There is no such file.</exception>
    public static LabelLines Read(string path) => File.Exists(path)
        ? new LabelLines(InputFiles.Shown(Path.GetFullPath(path)), File.ReadAllLines(path))
        : throw new DatasetException(ProblemTypes.DatasetNotFound, $"There is no file \"{path}\". Check the path of --labels.");

    /// <summary>Refuses a file with more or fewer labels than there are rows.</summary>
    public void Require(long rows)
    {
        if (lines.Length != rows)
            throw new DatasetException(ProblemTypes.MalformedFile, $"{name} has {lines.Length} lines, the files have {rows} rows; expected one label a row, an empty line where a row has none.");
    }

    /// <summary>The label of a row, by its number over all files; null where it has none.</summary>
    public string? Of(long line) => string.IsNullOrWhiteSpace(lines[line]) ? null : lines[line];
}
