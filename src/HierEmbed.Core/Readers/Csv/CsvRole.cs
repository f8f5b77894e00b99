namespace HierEmbed.Core.Readers.Csv;

/// <summary>What a column holds.</summary>
internal enum CsvRole
{
    /// <summary>Nothing that is read.</summary>
    None,

    /// <summary>One dimension of the embedding.</summary>
    Value,

    /// <summary>The whole embedding as a JSON list.</summary>
    List,

    /// <summary>The row's id.</summary>
    Id,

    /// <summary>Its text.</summary>
    Text,

    /// <summary>Its title, where it has no text.</summary>
    Title,

    /// <summary>Its class.</summary>
    Label,
}
