using System.Numerics;
using System.Runtime.InteropServices;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Training.ClosedForm;

/// <summary>Adam (Kingma and Ba 2015) on a row of parameters, in one pass over its four arrays.</summary>
internal readonly struct AdamUpdate
{
    private readonly float beta1, beta2, rate, epsilon;

    // ε_t = ε as Keras places it (SigmoidOutput), ε √(1 − β₂ᵗ) as the paper and PyTorch do (TopK).
    /// <param name="recipe">β₁, β₂, ε.</param>
    /// <param name="learningRate">lr of this step.</param>
    /// <param name="t">This step, from 1.</param>
    public AdamUpdate(Recipe recipe, double learningRate, long t)
    {
        double correction2 = Math.Sqrt(1 - Math.Pow(recipe.Beta2, t));
        (beta1, beta2) = ((float)recipe.Beta1, (float)recipe.Beta2);
        rate = (float)(learningRate * correction2 / (1 - Math.Pow(recipe.Beta1, t)));
        epsilon = (float)(recipe.Architecture == Core.Recipes.Architecture.SigmoidOutput ? recipe.Epsilon : recipe.Epsilon * correction2);
    }

    // m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²      w ← w − lr √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε_t)
    /// <summary>Updates w, m and v, all of the gradient's length.</summary>
    public void Apply(Span<float> w, Span<float> m, Span<float> v, ReadOnlySpan<float> g)
    {
        Span<Vector<float>> ws = MemoryMarshal.Cast<float, Vector<float>>(w), ms = MemoryMarshal.Cast<float, Vector<float>>(m), vs = MemoryMarshal.Cast<float, Vector<float>>(v);
        ReadOnlySpan<Vector<float>> gs = MemoryMarshal.Cast<float, Vector<float>>(g);
        var (b1, b2, c1, c2, e) = (new Vector<float>(beta1), new Vector<float>(beta2), new Vector<float>(1 - beta1), new Vector<float>(1 - beta2), new Vector<float>(epsilon));
        var r = new Vector<float>(rate);
        for (int i = 0; i < gs.Length; i++)
        {
            Vector<float> mean = ms[i] = (b1 * ms[i]) + (c1 * gs[i]);
            Vector<float> square = vs[i] = (b2 * vs[i]) + (c2 * gs[i] * gs[i]);
            ws[i] -= r * mean / (Vector.SquareRoot(square) + e);
        }
        for (int i = gs.Length * Vector<float>.Count; i < g.Length; i++)
        {
            m[i] = (beta1 * m[i]) + ((1 - beta1) * g[i]);
            v[i] = (beta2 * v[i]) + ((1 - beta2) * g[i] * g[i]);
            w[i] -= rate * m[i] / (MathF.Sqrt(v[i]) + epsilon);
        }
    }
}
