using HierEmbed.Core.Codes;

namespace HierEmbed.Cli.Output.Sinks;

/// <summary>A file that a writer of Core fills row by row.</summary>
/// <param name="path">The file.</param>
/// <param name="open">Begins the file's content on a stream.</param>
internal sealed class BinarySink(string path, Func<Stream, ICodeWriter> open) : ICodeSink
{
    private readonly PendingFile file = new(path);
    private FileStream? stream;
    private ICodeWriter? writer;

    public void Add(SparseCode code, string? id) => Open().Add(code, id);

    public void Complete()
    {
        Open().Complete();
        stream!.Dispose();
        file.Appear();
    }

    public void Dispose()
    {
        writer?.Dispose();
        stream?.Dispose();
        file.Dispose();
    }

    private ICodeWriter Open() => writer ??= open(stream = file.Create());
}
