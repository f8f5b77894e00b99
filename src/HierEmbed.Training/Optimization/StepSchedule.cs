using HierEmbed.Core.Recipes;
using HierEmbed.Training.Randomness;

namespace HierEmbed.Training.Optimization;

/// <summary>Steps, learning rate and prefixes of a training: functions of recipe, seed and step alone.</summary>
internal sealed class StepSchedule(ResolvedRecipe recipe, long seed, int trainRows)
{
    private readonly Recipe settings = recipe.Recipe;

    /// <summary>Steps of an epoch; the last may have fewer rows.</summary>
    public int StepsPerEpoch { get; } = (trainRows + recipe.Recipe.BatchRows - 1) / recipe.Recipe.BatchRows;

    /// <summary>Steps planned.</summary>
    public long TotalSteps => (long)StepsPerEpoch * recipe.Epochs;

    /// <summary>What step t does, from 1.</summary>
    public StepPlan At(long step) => new(step, LearningRate(step), Prefixes(step));

    /// <summary>Whether the learning rate falls at step t, from 1.</summary>
    public bool IsDecaying(long step) => TotalSteps - step + 1 < settings.DecayFraction * TotalSteps;

    // lr_t = lr · min(1, t / warm-up steps) · min(1, (steps − t + 1) / decay steps)
    private double LearningRate(long step)
    {
        double warmup = settings.WarmupFraction * TotalSteps;
        double decay = settings.DecayFraction * TotalSteps;
        double rising = warmup > 1 ? Math.Min(1, step / warmup) : 1;
        double falling = decay > 1 ? Math.Min(1, (TotalSteps - step + 1) / decay) : 1;
        return settings.LearningRate * rising * falling;
    }

    private IReadOnlyList<int> Prefixes(long step) => recipe.Prefixes.Count == 0 || settings.AllPrefixes
        ? recipe.Prefixes
        : [recipe.Prefixes[new SeededRandom(seed, RandomPurpose.PrefixDraw, step).NextInt(recipe.Prefixes.Count)]];
}
