namespace HierEmbed.Training.Optimization;

/// <summary>What varies from one optimizer step to the next.</summary>
/// <param name="Step">From 1.</param>
/// <param name="LearningRate">Adam's step size.</param>
/// <param name="Prefixes">Latent prefixes of this step.</param>
internal readonly record struct StepPlan(long Step, double LearningRate, IReadOnlyList<int> Prefixes);
