namespace HierEmbed.Core.Search;

/// <summary>How the shortlist is put into its final order.</summary>
public enum Rerank
{
    /// <summary>By the exact cosine with the full vectors.</summary>
    Full,

    /// <summary>By the score of the whole code.</summary>
    Codes,

    /// <summary>Not at all: the first pass decides, which looks at the query's heaviest latents alone where there are many rows.</summary>
    None,
}
