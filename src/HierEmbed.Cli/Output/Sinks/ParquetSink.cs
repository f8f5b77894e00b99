using HierEmbed.Core.Codes;

namespace HierEmbed.Cli.Output.Sinks;

/// <summary>Parquet with the columns id, indices, values.</summary>
internal sealed class ParquetSink : ICodeSink
{
    private readonly PendingFile file;
    private readonly FileStream stream;
    private readonly CodeParquetWriter writer;

    public ParquetSink(string path)
    {
        file = new PendingFile(path);
        stream = file.Create();
        writer = new CodeParquetWriter(stream);
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
