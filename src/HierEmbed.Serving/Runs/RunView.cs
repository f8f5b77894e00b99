using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Serving.Runs;

/// <summary>A run as it is served: its record and how far its training has come, in one.</summary>
public sealed record RunView
{
    /// <summary><c>&lt;dataset&gt;-&lt;16 hex&gt;</c>.</summary>
    public required string RunId { get; init; }

    /// <summary>The dataset.</summary>
    public required string Dataset { get; init; }

    /// <summary>Where it stands.</summary>
    public required RunState State { get; init; }

    /// <summary>The step at work: pack, fit, train, export, evaluate, encode, publish.</summary>
    public string? Step { get; init; }

    /// <summary>Epochs completed.</summary>
    public int? Epoch { get; init; }

    /// <summary>Epochs planned.</summary>
    public int? Epochs { get; init; }

    /// <summary>Training loss of the last completed epoch.</summary>
    public double? TrainLoss { get; init; }

    /// <summary>Validation loss of that epoch.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Fraction of variance unexplained on validation rows after that epoch.</summary>
    public double? Fvu { get; init; }

    /// <summary>Mean active components on validation rows after that epoch.</summary>
    public double? L0 { get; init; }

    /// <summary>Share of latents that no validation row activates.</summary>
    public double? DeadFraction { get; init; }

    /// <summary>Training rows per second.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>Rows by use, once they are packed.</summary>
    public RowCounts? Rows { get; init; }

    /// <summary>What the files hold, once they are packed.</summary>
    public DatasetProfile? Profile { get; init; }

    /// <summary>Files that were left out with <c>onBadFile: skip</c>, the first of them, once the others are packed.</summary>
    public IReadOnlyList<SkippedFile>? SkippedFiles { get; init; }

    /// <summary>Dimensions that hold one value in every row, once they are packed: they carry nothing.</summary>
    public int? ConstantDims { get; init; }

    /// <summary>Share of the planned optimizer steps that are done, 0 to 100; 100 once a model is published.</summary>
    public double? Percent { get; init; }

    /// <summary>The version that was published, or that was there already.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Why its step at work failed last, while that is tried again: storage that refuses, or does not answer.</summary>
    public string? LastFault { get; init; }

    /// <summary>Why it failed for good.</summary>
    public Problem? Problem { get; init; }

    /// <summary>When it was asked for, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its record was last written, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Merges a record and the progress of its training.</summary>
    public static RunView From(RunRecord run, TrainingProgress? progress) => new()
    {
        RunId = run.RunId,
        Dataset = run.Dataset,
        State = run.State,
        Step = run.Step,
        Epoch = progress?.Epoch,
        Epochs = progress?.Epochs,
        TrainLoss = Finite(progress?.Last?.TrainLoss),
        ValidationLoss = Finite(progress?.Last?.ValidationLoss),
        Fvu = Finite(progress?.Last?.Fvu),
        L0 = Finite(progress?.Last?.L0),
        DeadFraction = Finite(progress?.Last?.DeadFraction),
        SamplesPerSecond = Finite(progress?.Last?.SamplesPerSecond),
        Rows = run.Rows,
        Profile = run.Profile,
        SkippedFiles = run.SkippedFiles,
        ConstantDims = run.ConstantDims,
        Percent = PercentOf(run, progress),
        ModelVersion = run.ModelVersion,
        LastFault = run.LastFault,
        Problem = run.Problem,
        CreatedAt = run.CreatedAt,
        UpdatedAt = run.UpdatedAt,
    };

    private static double? PercentOf(RunRecord run, TrainingProgress? progress) =>
        run.State is RunState.Published or RunState.Unchanged ? 100 : progress?.PercentDone();

    // A training that diverged has no loss to show, and JSON has no word for it.
    private static double? Finite(double? value) => value is { } v && double.IsFinite(v) ? v : null;
}
