using HierEmbed.Core.Evaluation;

namespace HierEmbed.Core.Models;

/// <summary>What training and evaluation measured; also <c>metrics.json</c>.</summary>
public sealed record ModelMetrics
{
    /// <summary>Epochs trained.</summary>
    public required int Epochs { get; init; }

    /// <summary>The epoch, from 1, whose weights were published.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Training loss of that epoch, weighted by batch rows.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>Validation loss of that epoch.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>Training rows per second over the whole training, wall clock.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>Rows that the figures by k were measured on: the test split; validation where that has hardly a row, and training rows where both have.</summary>
    public required long EvaluatedRows { get; init; }

    /// <summary>Whether those are rows that training saw, because the dataset is too small to hold any out. Models of older programs do not say it.</summary>
    public bool SeenInTraining { get; init; }

    /// <summary>Share of latents that no evaluated row activates at the largest k.</summary>
    public required double DeadFraction { get; init; }

    /// <summary>Figures for codes truncated to each k.</summary>
    public required IReadOnlyList<MetricsAtK> ByK { get; init; }

    /// <summary>Every epoch, first to last; null in the manifest.</summary>
    public IReadOnlyList<EpochMetrics>? History { get; init; }

    /// <summary>Recall at each budget of bytes; null in models of a program that measured none.</summary>
    public IReadOnlyList<RecallAtBudget>? Recall { get; init; }

    /// <summary>What an int8 encoder gains and costs; null for float32.</summary>
    public QuantizedEncoderMetrics? Encoder { get; init; }

    /// <summary>What the codes are worth, in full; null in the manifest, which <c>metrics.json</c> stands beside.</summary>
    public EvaluationReport? Evaluation { get; init; }

    /// <summary>The same without what only <c>metrics.json</c> and the report hold: as the manifest has it.</summary>
    public ModelMetrics ForManifest() => this with { History = null, Evaluation = null };
}
