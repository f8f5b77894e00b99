using HierEmbed.Core.Readers;

namespace HierEmbed.Serving.Search;

/// <summary>What is stored of a row beside its code and its vector.</summary>
/// <param name="Said">What its file says of it.</param>
/// <param name="File">The upload that it was read from.</param>
/// <param name="SourceRow">Its number there, rejected rows counted; null where an earlier program stored it.</param>
internal readonly record struct StoredRow(RowLabels Said, string File, long? SourceRow);
