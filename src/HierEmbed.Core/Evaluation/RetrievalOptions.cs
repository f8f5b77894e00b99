namespace HierEmbed.Core.Evaluation;

/// <summary>How an evaluation is run. None of it changes a figure but <see cref="MaxQueries"/> and <see cref="Seed"/>.</summary>
public sealed record RetrievalOptions
{
    /// <summary>Most test rows that queries are compared with.</summary>
    public const int MaxRows = 100_000;

    /// <summary>Rows that are queries too, drawn by seed; at most all.</summary>
    public int MaxQueries { get; init; } = 1000;

    /// <summary>Draws the queries.</summary>
    public int Seed { get; init; }

    /// <summary>Rows decoded and scored at a time: with a thousand queries and 1,024 dims about 32 MB.</summary>
    public int SliceRows { get; init; } = 4096;

    /// <summary>Threads for products and rankings.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
