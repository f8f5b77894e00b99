using System.Numerics.Tensors;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Data;
using HierEmbed.Training.Network;
using HierEmbed.Training.Randomness;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace HierEmbed.Training.Optimization;

/// <summary>Gives latents that no row used for an epoch a new start at rows that the network reconstructs badly.</summary>
/// <param name="recipe">Sizes.</param>
/// <param name="rows">Scaled training rows.</param>
internal sealed class DeadLatents(ResolvedRecipe recipe, ScaledRows rows)
{
    /// <summary>Rows looked at for each dead latent, so that the worst of them stand out.</summary>
    private const int CandidatesPerLatent = 4;

    /// <summary>Length of a new encoder row beside an atom's 1: large enough to be selected, too small to disturb the others.</summary>
    private const float EncoderScale = 0.5f;

    /// <summary>Re-seeds latents.</summary>
    /// <param name="step">The network and Adam's moments, changed in place.</param>
    /// <param name="latentUses">Uses of each latent in the epoch, <c>[latentDims]</c>.</param>
    /// <param name="random">Draws the rows.</param>
    /// <returns>How many latents were re-seeded.</returns>
    public int Resample(ITrainingStep step, ReadOnlySpan<long> latentUses, SeededRandom random)
    {
        var dead = new List<int>();
        for (int latent = 0; latent < latentUses.Length; latent++)
        {
            if (latentUses[latent] == 0)
                dead.Add(latent);
        }
        if (dead.Count == 0)
            return 0;

        int candidates = Math.Min(rows.Rows, Math.Max(recipe.Recipe.BatchRows, CandidatesPerLatent * dead.Count));
        var residuals = Residuals(step, random.Permutation(rows.Rows).AsSpan(0, candidates));
        foreach (int latent in dead)
        {
            if (Draw(residuals, random) is not { } residual)
                break;
            Reseed(step, latent, residual);
        }
        return dead.Count;
    }

    private sealed record Candidate(float[] Residual, double Weight);

    /// <summary>x' − r' at the largest k for each row, with its squared length as its weight.</summary>
    private List<Candidate> Residuals(ITrainingStep step, ReadOnlySpan<int> indices)
    {
        var residuals = new float[recipe.Recipe.BatchRows * rows.Dims];
        var found = new List<Candidate>(indices.Length);
        for (int first = 0; first < indices.Length; first += recipe.Recipe.BatchRows)
        {
            using var scope = NewDisposeScope();
            ReadOnlySpan<int> chunk = indices[first..Math.Min(indices.Length, first + recipe.Recipe.BatchRows)];
            Tensor batch = empty(chunk.Length, rows.Dims);
            rows.Gather(chunk, batch);
            step.Evaluate(batch, [], residuals: residuals);
            for (int i = 0; i < chunk.Length; i++)
            {
                float[] row = residuals.AsSpan(i * rows.Dims, rows.Dims).ToArray();
                TensorPrimitives.Negate<float>(row, row);
                found.Add(new Candidate(row, TensorPrimitives.SumOfSquares<float>(row)));
            }
        }
        return found;
    }

    /// <summary>Draws a row with probability proportional to its squared residual, without putting it back.</summary>
    private static float[]? Draw(List<Candidate> candidates, SeededRandom random)
    {
        double target = random.NextDouble() * candidates.Sum(c => c.Weight);
        for (int i = 0; i < candidates.Count; i++)
        {
            target -= candidates[i].Weight;
            if (target > 0 && i < candidates.Count - 1)
                continue;
            float[] residual = candidates[i].Residual;
            bool usable = candidates[i].Weight > 0;
            candidates.RemoveAt(i);
            return usable ? residual : null;
        }
        return null;
    }

    // D_j = residual / ‖residual‖,   W_j = scale · D_j,   b_j = −W_j · c,   moments of j = 0
    private static void Reseed(ITrainingStep step, int latent, float[] residual)
    {
        Span<float> atom = NetworkParameters.Row(step.Parameters.Decoder, latent);
        Span<float> encoder = NetworkParameters.Row(step.Parameters.Encoder, latent);
        TensorPrimitives.Divide(residual, TensorPrimitives.Norm<float>(residual), atom);
        TensorPrimitives.Multiply(atom, EncoderScale, encoder);
        NetworkParameters.Values(step.Parameters.EncoderBias)[latent] =
            -TensorPrimitives.Dot(encoder, NetworkParameters.Values(step.Parameters.DecoderBias));
        foreach (NetworkParameters moments in new[] { step.Adam.First, step.Adam.Second })
        {
            NetworkParameters.Row(moments.Encoder, latent).Clear();
            NetworkParameters.Row(moments.Decoder, latent).Clear();
            NetworkParameters.Values(moments.EncoderBias)[latent] = 0;
        }
    }
}
