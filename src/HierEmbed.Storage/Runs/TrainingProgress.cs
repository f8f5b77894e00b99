using HierEmbed.Core.Models;

namespace HierEmbed.Storage.Runs;

/// <summary>How far a training has come: what a status shows and <c>progress/&lt;n&gt;.json</c> holds.</summary>
/// <param name="Chunk">The chunk at work, from 0.</param>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="TotalSteps">Optimizer steps planned.</param>
/// <param name="Epoch">Epochs completed.</param>
/// <param name="Epochs">Epochs planned.</param>
/// <param name="Last">Figures of the last completed epoch, if one is.</param>
/// <param name="Finished">Whether training is over, early or not.</param>
public sealed record TrainingProgress(int Chunk, long Step, long TotalSteps, int Epoch, int Epochs, EpochMetrics? Last, bool Finished)
{
    /// <summary>Share of the planned steps that are done, 0 to 100 to one decimal; null where none are planned.</summary>
    public double? PercentDone() => TotalSteps > 0 ? Math.Round(Math.Min(100, 100.0 * Step / TotalSteps), 1) : null;
}
