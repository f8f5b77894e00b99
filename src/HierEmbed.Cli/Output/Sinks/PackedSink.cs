using HierEmbed.Core.Codes;
using HierEmbed.Core.Codes.Packed;

namespace HierEmbed.Cli.Output.Sinks;

/// <summary>Packed codes: HierEmbed's own file, which search reads.</summary>
internal sealed class PackedSink : ICodeSink
{
    private readonly PendingFile file;
    private readonly FileStream stream;
    private readonly CodeFileWriter writer;

    public PackedSink(string path, string modelId, CodeCoding coding, PackedCodeFormat format)
    {
        file = new PendingFile(path);
        stream = file.Create();
        writer = new CodeFileWriter(stream, modelId, coding, format);
    }

    public void Add(SparseCode code, string? id) => writer.Add(code, id);

    public void Complete()
    {
        writer.Complete();
        stream.Dispose();
        file.Appear();
    }

    public void Dispose()
    {
        writer.Dispose();
        stream.Dispose();
        file.Dispose();
    }
}
