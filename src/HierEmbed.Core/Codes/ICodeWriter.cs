namespace HierEmbed.Core.Codes;

/// <summary>Writes codes to a stream, row after row.</summary>
public interface ICodeWriter : IDisposable
{
    /// <summary>Adds a row.</summary>
    /// <param name="code">The row's code.</param>
    /// <param name="id">The row's id, if it has one.</param>
    void Add(SparseCode code, string? id);

    /// <summary>Ends the content; without this no reader takes it.</summary>
    void Complete();
}
