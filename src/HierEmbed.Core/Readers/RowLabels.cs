namespace HierEmbed.Core.Readers;

/// <summary>What a file says of a row beside its embedding.</summary>
/// <param name="Id">The row's id.</param>
/// <param name="Text">Its text or title.</param>
/// <param name="Label">Its class, used by the evaluation only.</param>
public readonly record struct RowLabels(string? Id, string? Text = null, string? Label = null)
{
    /// <summary>Characters that are kept of each: a batch must not grow with the texts of its rows.</summary>
    public const int MaxLength = 4096;

    /// <summary>The same, cut to <see cref="MaxLength"/>.</summary>
    internal RowLabels Cut() => new(Cut(Id, MaxLength), Cut(Text, MaxLength), Cut(Label, MaxLength));

    /// <summary>Empty texts where there are any: enough to count them.</summary>
    internal RowLabels Presence() => new(Id is null ? null : "", Text is null ? null : "", Label is null ? null : "");

    // Not between the halves of a surrogate pair.
    internal static string? Cut(string? text, int length) =>
        text?.Length > length ? text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] : text;
}
