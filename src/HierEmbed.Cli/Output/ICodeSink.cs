using HierEmbed.Core.Codes;

namespace HierEmbed.Cli.Output;

/// <summary>A file that codes are written to, row after row. It appears when it is complete, and not at all otherwise.</summary>
internal interface ICodeSink : IDisposable
{
    void Add(SparseCode code, string? id);

    void Complete();
}
