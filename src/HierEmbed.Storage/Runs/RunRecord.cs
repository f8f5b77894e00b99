using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;

namespace HierEmbed.Storage.Runs;

/// <summary><c>run.json</c>: one training of one dataset state; request first, then progress by step, then outcome.</summary>
public sealed record RunRecord
{
    /// <summary><c>&lt;dataset&gt;-&lt;16 hex&gt;</c>, the hex from the listing.</summary>
    public required string RunId { get; init; }

    /// <summary>The dataset.</summary>
    public required string Dataset { get; init; }

    /// <summary>Orders runs of one dataset: an older one that ends late does not replace a newer one's model.</summary>
    public required long Sequence { get; init; }

    /// <summary>Where it stands.</summary>
    public required RunState State { get; init; }

    /// <summary>The step at work: pack, fit, train, export, evaluate, encode, publish.</summary>
    public string? Step { get; init; }

    /// <summary>When it was asked for, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When this record was written, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Files in the listing.</summary>
    public required int Files { get; init; }

    /// <summary>Most files that <see cref="SkippedFiles"/> lists.</summary>
    public const int SkippedFilesListed = 100;

    /// <summary>Files that were left out, the first of them; null where there are none.</summary>
    public IReadOnlyList<SkippedFile>? SkippedFiles { get; init; }

    /// <summary>What the files hold, once they are packed.</summary>
    public DatasetProfile? Profile { get; init; }

    /// <summary>Rows by use, once they are packed.</summary>
    public RowCounts? Rows { get; init; }

    /// <summary>Dimensions that hold one value in every row. They carry nothing and harm nothing; all of them constant is refused.</summary>
    public int? ConstantDims { get; init; }

    /// <summary>State of the labels files that its rows were given ids, texts and labels from, as <see cref="Datasets.DatasetCatalog.StateOf"/> has it; null where there were none.</summary>
    public string? Labels { get; init; }

    /// <summary>The version that was published, or that was there already.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>What its step at work met last that a retry may cure, while it goes on: storage that refuses, or does not answer.</summary>
    public string? LastFault { get; init; }

    /// <summary>Why it failed for good.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Whether it has ended: such a run never starts again by itself.</summary>
    public bool HasEnded => State is not (RunState.Queued or RunState.Running);
}
