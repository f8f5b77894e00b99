namespace HierEmbed.Core.Readers;

/// <summary>What a file says of a row beside its embedding.</summary>
/// <param name="Id">The row's id.</param>
/// <param name="Text">Its text or title.</param>
/// <param name="Label">Its class, used by the evaluation only.</param>
public readonly record struct RowLabels(string? Id, string? Text = null, string? Label = null);
