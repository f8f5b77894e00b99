namespace HierEmbed.Training.Optimization;

/// <summary>What a batch measures without any gradient.</summary>
/// <param name="Loss">The training's loss on this batch.</param>
/// <param name="SquaresByK">Σ over rows of |x' − r_k|² for each k.</param>
/// <param name="ActiveByK">Σ over rows of active components for each k.</param>
internal sealed record BatchFigures(double Loss, double[] SquaresByK, long[] ActiveByK);
