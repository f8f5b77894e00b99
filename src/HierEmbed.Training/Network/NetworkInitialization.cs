using System.Numerics.Tensors;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;
using HierEmbed.Training.Data;
using HierEmbed.Training.Randomness;

namespace HierEmbed.Training.Network;

/// <summary>Where training starts.</summary>
internal static class NetworkInitialization
{
    /// <summary>Fresh parameters by architecture.</summary>
    /// <param name="recipe">Sizes, architecture, and where atoms start.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="rows">Scaled training rows.</param>
    /// <param name="moments">Their moments: the mean is 0 but for rounding, unless scaling is none.</param>
    public static NetworkParameters Create(ResolvedRecipe recipe, long seed, ScaledRows rows, RunningMoments moments)
    {
        NetworkParameters parameters = NetworkParameters.Zeros(recipe);
        var random = new SeededRandom(seed, RandomPurpose.Initialization, 0);
        if (recipe.Recipe.Architecture == Architecture.SigmoidOutput)
        {
            GlorotUniform(parameters, random);
            return parameters;
        }

        float[] centre = Array.ConvertAll(moments.Mean.ToArray(), v => (float)v);
        if (recipe.Recipe.Architecture == Architecture.PrincipalAxes)
            PrincipalAxes.Compute(rows, moments.Mean, parameters.Decoder);
        else if (recipe.Recipe.Initialization == Initialization.Rows)
            RowAtoms(parameters, rows, centre, random);
        else
            RandomAtoms(parameters, 0, random);
        Tie(parameters, centre);
        return parameters;
    }

    /// <summary>Uniform over ±√(6 / (inputDims + latentDims)), biases 0: Keras's default (Glorot and Bengio 2010).</summary>
    private static void GlorotUniform(NetworkParameters parameters, SeededRandom random)
    {
        double limit = Math.Sqrt(6.0 / (parameters.Encoder.shape[0] + parameters.Encoder.shape[1]));
        foreach (var weights in new[] { parameters.Encoder, parameters.Decoder })
        {
            foreach (ref float value in NetworkParameters.Values(weights))
                value = (float)(limit * ((2 * random.NextDouble()) - 1));
        }
    }

    /// <summary>D_j = (x' − c) / ‖x' − c‖ of rows drawn without putting them back; random directions where there are fewer, or a row is the mean.</summary>
    private static void RowAtoms(NetworkParameters parameters, ScaledRows rows, float[] centre, SeededRandom random)
    {
        int latentDims = (int)parameters.Decoder.shape[0];
        int latent = 0;
        foreach (int row in random.Permutation(rows.Rows))
        {
            if (latent == latentDims)
                return;
            Span<float> atom = NetworkParameters.Row(parameters.Decoder, latent);
            TensorPrimitives.Subtract(rows.Row(row), centre, atom);
            float norm = TensorPrimitives.Norm<float>(atom);
            if (!(norm > 0) || !float.IsFinite(norm))
                continue;
            TensorPrimitives.Divide(atom, norm, atom);
            latent++;
        }
        RandomAtoms(parameters, latent, random);
    }

    /// <summary>Random directions of unit norm from one latent on.</summary>
    private static void RandomAtoms(NetworkParameters parameters, int first, SeededRandom random)
    {
        for (int latent = first; latent < parameters.Decoder.shape[0]; latent++)
        {
            Span<float> atom = NetworkParameters.Row(parameters.Decoder, latent);
            foreach (ref float value in atom)
                value = (float)random.NextGaussian();
            TensorPrimitives.Divide(atom, TensorPrimitives.Norm<float>(atom), atom);
        }
    }

    /// <summary>W = D (tied at the start, free after); c = mean; b = −W c, so that a = W (x' − c).</summary>
    private static void Tie(NetworkParameters parameters, float[] centre)
    {
        NetworkParameters.Values(parameters.Decoder).CopyTo(NetworkParameters.Values(parameters.Encoder));
        centre.CopyTo(NetworkParameters.Values(parameters.DecoderBias));
        Span<float> bias = NetworkParameters.Values(parameters.EncoderBias);
        for (int latent = 0; latent < bias.Length; latent++)
            bias[latent] = -TensorPrimitives.Dot<float>(NetworkParameters.Row(parameters.Decoder, latent), centre);
    }
}
