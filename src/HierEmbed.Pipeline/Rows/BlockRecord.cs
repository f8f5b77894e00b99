using System.Text.Json.Serialization;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Readers;

namespace HierEmbed.Pipeline.Rows;

/// <summary>The sidecar of a packed row block, written after it: a block without one does not count.</summary>
public sealed record BlockRecord
{
    /// <summary>Index of the file in the run's listing.</summary>
    public required int File { get; init; }

    /// <summary>Index of the block in its file.</summary>
    public required int Block { get; init; }

    /// <summary>Length of an embedding.</summary>
    public required int Dims { get; init; }

    /// <summary>Rows in the block.</summary>
    public required int Rows { get; init; }

    /// <summary>Row number in the file of its first row; null where it has none, or an earlier program packed it.</summary>
    public long? FirstRow { get; init; }

    /// <summary>Row number in the file at which the next block begins.</summary>
    public required long NextRow { get; init; }

    /// <summary>Whether the file ends with this block.</summary>
    public required bool Last { get; init; }

    /// <summary>Rows left out since the block before.</summary>
    public required long Rejected { get; init; }

    /// <summary>The first of them, with reasons.</summary>
    public required IReadOnlyList<RejectedRow> RejectedRows { get; init; }

    /// <summary>How many of them for which reason.</summary>
    public IReadOnlyDictionary<string, long>? RejectedByReason { get; init; }

    /// <summary>Norms and labels of the rows as the file holds them.</summary>
    public RowStatistics Statistics { get; init; } = new();

    /// <summary>The file's format, found by content.</summary>
    public string Format { get; init; } = string.Empty;

    /// <summary>The compression around the file, where there is one.</summary>
    public string? Compression { get; init; }

    /// <summary>Type of the file's numbers.</summary>
    public string ElementType { get; init; } = string.Empty;

    /// <summary>Rows of the block by use, [train, validation, test].</summary>
    public required IReadOnlyList<long> RowsByUse { get; init; }

    /// <summary>Rows of the block that are held while training: all but those for test.</summary>
    [JsonIgnore]
    public long TrainingRows => RowsByUse[(int)RowUse.Train] + RowsByUse[(int)RowUse.Validation];

    /// <summary>SHA-256 of the packed values, hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>SHA-256 of what is said of its rows, hex; null where nothing is, and no row was left out between the first and the last.</summary>
    public string? LabelsSha256 { get; init; }

    /// <summary>Whether its values are float16.</summary>
    public bool Half { get; init; }

    /// <summary>Rows that the scaler is fitted on, in this block.</summary>
    public required long FitRows { get; init; }

    /// <summary>Mean of each dimension over those rows, after L2 normalization where the recipe asks for it.</summary>
    public required double[] Mean { get; init; }

    /// <summary>Sum of squared deviations of each dimension over those rows.</summary>
    public required double[] M2 { get; init; }

    /// <summary>Why the whole file is left out: it then has this one record, and no rows.</summary>
    public Problem? Skipped { get; init; }

    /// <summary>The model that made the embeddings, where the file says so.</summary>
    public string? ParentModel { get; init; }

    /// <summary>The input type that they were made with, where the file says so.</summary>
    public string? InputType { get; init; }
}
