using HierEmbed.Core.Codes;

namespace HierEmbed.Cli.Output.Sinks;

/// <summary>A CSR matrix as scipy reads it.</summary>
internal sealed class NpzSink(string path, int dims) : ICodeSink
{
    private readonly PendingFile file = new(path);
    private readonly CsrNpzWriter rows = new(dims);

    public void Add(SparseCode code, string? id) => rows.Add(code);

    public void Complete()
    {
        using (FileStream stream = file.Create())
            rows.WriteTo(stream);
        file.Appear();
    }

    public void Dispose()
    {
        rows.Dispose();
        file.Dispose();
    }
}
