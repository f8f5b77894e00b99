using HierEmbed.Core.Readers;

namespace HierEmbed.Storage.Runs;

/// <summary>What the files of a run hold, as <c>hierembed inspect</c> shows it: known once they are packed.</summary>
public sealed record DatasetProfile
{
    /// <summary>Most files that <see cref="Files"/> lists.</summary>
    public const int FilesListed = 100;

    /// <summary>The first of the files.</summary>
    public required IReadOnlyList<FileInDataset> Files { get; init; }

    /// <summary>Length of an embedding.</summary>
    public required int Dims { get; init; }

    /// <summary>Rows that can be used: their norms and labels.</summary>
    public required RowStatistics Rows { get; init; }

    /// <summary>Rows that repeat an earlier one bit for bit.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Whether that is an estimate: past 3 million different rows.</summary>
    public bool DuplicatesEstimated { get; init; }

    /// <summary>Rows left out.</summary>
    public required long Rejected { get; init; }

    /// <summary>How many of them for which reason; reasons without any are left out.</summary>
    public required IReadOnlyDictionary<string, long> RejectedByReason { get; init; }

    /// <summary>The model that made the embeddings, where known.</summary>
    public string? ParentModel { get; init; }

    /// <summary>The input type that they were made with, where known.</summary>
    public string? InputType { get; init; }
}
