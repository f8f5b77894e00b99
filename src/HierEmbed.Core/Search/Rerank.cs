namespace HierEmbed.Core.Search;

/// <summary>How the shortlist is put into its final order.</summary>
public enum Rerank
{
    /// <summary>By the exact cosine with the full vectors.</summary>
    Full,

    /// <summary>By the score of the whole code.</summary>
    Codes,

    /// <summary>Not at all: the first pass decides, which above <see cref="SearchIndex.ScannedRows"/> rows is rough: by rows' sketches for codes of pursuit, by the rounded lists of the query's latents for the encoder's.</summary>
    None,
}
