using System.Numerics.Tensors;
using HierEmbed.Core.Recipes;
using HierEmbed.Training.Randomness;

namespace HierEmbed.Training.Network;

/// <summary>Where training starts.</summary>
internal static class NetworkInitialization
{
    /// <summary>Fresh parameters by architecture.</summary>
    /// <param name="recipe">Sizes and architecture.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="mean">Mean of the scaled training rows, <c>[inputDims]</c>: 0 but for rounding, unless scaling is none.</param>
    public static NetworkParameters Create(ResolvedRecipe recipe, long seed, ReadOnlySpan<double> mean)
    {
        NetworkParameters parameters = NetworkParameters.Zeros(recipe);
        var random = new SeededRandom(seed, RandomPurpose.Initialization, 0);
        if (recipe.Recipe.Architecture == Architecture.SigmoidOutput)
            GlorotUniform(parameters, random);
        else
            TiedUnitAtoms(parameters, random, mean);
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

    /// <summary>D: random directions of unit norm; W = D (tied at the start, free after); c = mean; b = −W c, so that a = W (x' − c).</summary>
    private static void TiedUnitAtoms(NetworkParameters parameters, SeededRandom random, ReadOnlySpan<double> mean)
    {
        float[] centre = Array.ConvertAll(mean.ToArray(), v => (float)v);
        centre.CopyTo(NetworkParameters.Values(parameters.DecoderBias));
        Span<float> bias = NetworkParameters.Values(parameters.EncoderBias);
        for (int latent = 0; latent < bias.Length; latent++)
        {
            Span<float> atom = NetworkParameters.Row(parameters.Decoder, latent);
            foreach (ref float value in atom)
                value = (float)random.NextGaussian();
            TensorPrimitives.Divide(atom, TensorPrimitives.Norm<float>(atom), atom);
            atom.CopyTo(NetworkParameters.Row(parameters.Encoder, latent));
            bias[latent] = -TensorPrimitives.Dot<float>(atom, centre);
        }
    }
}
