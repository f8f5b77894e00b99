using HierEmbed.Core.Models;

namespace HierEmbed.Training.Checkpoints;

/// <summary>Everything of a training at a step boundary that is not an array: with the arrays, enough to go on to the same bits.</summary>
internal sealed record TrainingState
{
    /// <summary>Optimizer steps done.</summary>
    public long Step { get; init; }

    /// <summary>Loss times rows, summed over the open epoch's steps.</summary>
    public double EpochLossSum { get; init; }

    /// <summary>Rows seen in the open epoch.</summary>
    public long EpochRows { get; init; }

    /// <summary>Wall-clock seconds spent in the open epoch.</summary>
    public double EpochSeconds { get; init; }

    /// <summary>Figures of the completed epochs.</summary>
    public IReadOnlyList<EpochMetrics> History { get; init; } = [];

    /// <summary>The epoch, from 1, whose weights are kept as the best; 0: none yet.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Whether training is over.</summary>
    public bool Finished { get; init; }
}
