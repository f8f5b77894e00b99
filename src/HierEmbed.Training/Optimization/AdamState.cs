using HierEmbed.Core.Recipes;
using HierEmbed.Training.Network;

namespace HierEmbed.Training.Optimization;

/// <summary>Adam's moments in the open: a checkpoint stores them, resampling clears them.</summary>
internal sealed class AdamState(ResolvedRecipe recipe) : IDisposable
{
    /// <summary>m: decayed mean of the gradients.</summary>
    public NetworkParameters First { get; } = NetworkParameters.Zeros(recipe);

    /// <summary>v: decayed mean of their squares.</summary>
    public NetworkParameters Second { get; } = NetworkParameters.Zeros(recipe);

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }
}
