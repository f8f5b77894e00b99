using System.Text;
using HierEmbed.Core.Codes;

namespace HierEmbed.Cli.Output.Sinks;

/// <summary>A line of text for each row.</summary>
/// <param name="path">The file.</param>
/// <param name="line">A row's line: its number from 0, its code, its id.</param>
internal sealed class LineSink(string path, Func<long, SparseCode, string?, string> line) : ICodeSink
{
    private readonly PendingFile file = new(path);
    private StreamWriter? writer;
    private long rows;

    public void Add(SparseCode code, string? id) => Open().Write(line(rows++, code, id) + "\n");

    public void Complete()
    {
        Open().Dispose();
        file.Appear();
    }

    public void Dispose()
    {
        writer?.Dispose();
        file.Dispose();
    }

    private StreamWriter Open() => writer ??= new StreamWriter(file.Create(), new UTF8Encoding(false));
}
