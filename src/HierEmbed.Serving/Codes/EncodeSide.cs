namespace HierEmbed.Serving.Codes;

/// <summary>What the embeddings of a request are.</summary>
public enum EncodeSide
{
    /// <summary>Rows that are stored: each gets a sparse code.</summary>
    Document,

    /// <summary>Queries for codes of pursuit: each is projected onto the dictionary, and stays dense.</summary>
    Query,
}
