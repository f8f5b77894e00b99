namespace HierEmbed.Core.Search;

/// <summary>What a search returns, and how hard it tries.</summary>
/// <param name="TopK">Neighbours to return, from 1.</param>
/// <param name="ShortlistRows">Rows to rank; fewer than TopK count as TopK.</param>
/// <param name="Rerank">How they are ranked.</param>
public sealed record SearchOptions(int TopK, int ShortlistRows, Rerank Rerank)
{
    /// <summary>Shortlist over neighbours, unless a caller says otherwise.</summary>
    public const int DefaultOversampling = 10;

    /// <summary>Options with a shortlist of so many rows for each neighbour.</summary>
    /// <param name="topK">Neighbours to return, from 1.</param>
    /// <param name="oversampling">Rows ranked for each, from 1.</param>
    /// <param name="rerank">How they are ranked.</param>
    public static SearchOptions Oversampled(int topK, int oversampling = DefaultOversampling, Rerank rerank = Rerank.Full)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(topK, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(oversampling, 1);
        return new SearchOptions(topK, (int)Math.Min((long)topK * oversampling, int.MaxValue), rerank);
    }
}
