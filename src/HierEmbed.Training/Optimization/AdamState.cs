using HierEmbed.Core.Recipes;
using HierEmbed.Training.Network;
using static TorchSharp.torch;

namespace HierEmbed.Training.Optimization;

/// <summary>Adam (Kingma and Ba 2015) with its moments in the open: a checkpoint stores them, resampling clears them.</summary>
internal sealed class AdamState : IDisposable
{
    private readonly Recipe recipe;

    public AdamState(ResolvedRecipe resolved)
    {
        recipe = resolved.Recipe;
        First = NetworkParameters.Zeros(resolved);
        Second = NetworkParameters.Zeros(resolved);
    }

    /// <summary>m: decayed mean of the gradients.</summary>
    public NetworkParameters First { get; }

    /// <summary>v: decayed mean of their squares.</summary>
    public NetworkParameters Second { get; }

    // m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²      w ← w − lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε_t)
    // ε_t = ε as Keras places it (SigmoidOutput), ε √(1 − β₂ᵗ) as the paper and PyTorch do (TopK).
    /// <param name="parameters">Updated in place.</param>
    /// <param name="gradients">In the order of the parameters.</param>
    /// <param name="learningRate">lr of this step.</param>
    /// <param name="t">This step, from 1.</param>
    public void Update(NetworkParameters parameters, IReadOnlyList<Tensor> gradients, double learningRate, long t)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        double correction2 = Math.Sqrt(1 - Math.Pow(recipe.Beta2, t));
        double rate = learningRate * correction2 / (1 - Math.Pow(recipe.Beta1, t));
        double epsilon = recipe.Architecture == Architecture.SigmoidOutput ? recipe.Epsilon : recipe.Epsilon * correction2;
        for (int i = 0; i < gradients.Count; i++)
        {
            Tensor m = First.All[i], v = Second.All[i];
            m.mul_(recipe.Beta1).add_(gradients[i], 1 - recipe.Beta1);
            v.mul_(recipe.Beta2).addcmul_(gradients[i], gradients[i], 1 - recipe.Beta2);
            parameters.All[i].addcdiv_(m, v.sqrt().add_(epsilon), -rate);
        }
    }

    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }
}
