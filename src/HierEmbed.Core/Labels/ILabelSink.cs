using HierEmbed.Core.Readers;

namespace HierEmbed.Core.Labels;

/// <summary>Takes what a file says of its rows while they are read, in place of a batch that would grow with it.</summary>
public interface ILabelSink
{
    /// <summary>Forgets every row: the batch begins anew.</summary>
    void Clear();

    /// <summary>Adds the next row of the batch.</summary>
    void Add(RowLabels labels);
}
