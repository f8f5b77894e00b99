using System.Numerics.Tensors;
using HierEmbed.Core.Recipes;

namespace HierEmbed.Training;

/// <summary>A trained network in scaled space: a = W x' + b, and for TopK r' = D z + c (for SigmoidOutput r' = σ(D z + c)).</summary>
public sealed class TrainedNetwork
{
    /// <summary>Takes the arrays; they are not copied.</summary>
    /// <param name="recipe">What was trained.</param>
    /// <param name="encoder">W, <c>[latentDims, inputDims]</c>.</param>
    /// <param name="encoderBias">b, <c>[latentDims]</c>.</param>
    /// <param name="decoder">D, one atom a row, <c>[latentDims, inputDims]</c>.</param>
    /// <param name="decoderBias">c, <c>[inputDims]</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An array's length is not what the recipe says.</exception>
    public TrainedNetwork(ResolvedRecipe recipe, float[] encoder, float[] encoderBias, float[] decoder, float[] decoderBias)
    {
        int weights = checked(recipe.LatentDims * recipe.InputDims);
        ArgumentOutOfRangeException.ThrowIfNotEqual(encoder.Length, weights);
        ArgumentOutOfRangeException.ThrowIfNotEqual(encoderBias.Length, recipe.LatentDims);
        ArgumentOutOfRangeException.ThrowIfNotEqual(decoder.Length, weights);
        ArgumentOutOfRangeException.ThrowIfNotEqual(decoderBias.Length, recipe.InputDims);
        Recipe = recipe;
        Encoder = encoder;
        EncoderBias = encoderBias;
        Decoder = decoder;
        DecoderBias = decoderBias;
    }

    /// <summary>What was trained.</summary>
    public ResolvedRecipe Recipe { get; }

    /// <summary>Length of a row.</summary>
    public int InputDims => Recipe.InputDims;

    /// <summary>Units of the hidden layer.</summary>
    public int LatentDims => Recipe.LatentDims;

    /// <summary>W, row-major <c>[latentDims, inputDims]</c>.</summary>
    public float[] Encoder { get; }

    /// <summary>b, <c>[latentDims]</c>.</summary>
    public float[] EncoderBias { get; }

    /// <summary>D, one latent's atom a row: row-major <c>[latentDims, inputDims]</c>. TopK: of unit norm.</summary>
    public float[] Decoder { get; }

    /// <summary>c, <c>[inputDims]</c>.</summary>
    public float[] DecoderBias { get; }

    /// <summary>Computes a = W x' + b for one row.</summary>
    /// <param name="scaledRow">x', normalized and scaled as in training, <c>[inputDims]</c>.</param>
    /// <param name="preActivations">Receives a, <c>[latentDims]</c>.</param>
    public void PreActivations(ReadOnlySpan<float> scaledRow, Span<float> preActivations)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scaledRow.Length, InputDims);
        ArgumentOutOfRangeException.ThrowIfNotEqual(preActivations.Length, LatentDims);
        for (int latent = 0; latent < LatentDims; latent++)
            preActivations[latent] = TensorPrimitives.Dot(Encoder.AsSpan(latent * InputDims, InputDims), scaledRow) + EncoderBias[latent];
    }
}
