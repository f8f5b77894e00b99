namespace HierEmbed.Core.Errors;

/// <summary>An embedding file that cannot be read, with the file and, where known, the row.</summary>
public sealed class EmbeddingFileException : HierEmbedException
{
    /// <summary>Makes an exception for a file.</summary>
    /// <param name="type">The kind of failure.</param>
    /// <param name="file">The file's name as the user knows it.</param>
    /// <param name="detail">What was found, what was expected, what to do. The file's name (and row) is put before it.</param>
    /// <param name="row">Row number in the file, from 0, where the failure belongs to a row.</param>
    /// <param name="inner">What caused it.</param>
    public EmbeddingFileException(ProblemType type, string file, string detail, long? row = null, Exception? inner = null)
        : base(type, row is null ? $"{file}: {detail}" : $"{file}, row {row}: {detail}", inner)
    {
        File = file;
        Row = row;
    }

    /// <summary>The file's name as the user knows it.</summary>
    public string File { get; }

    /// <summary>Row number in the file, from 0.</summary>
    public long? Row { get; }
}
