using HierEmbed.Core.Numpy;
using HierEmbed.Core.Recipes;
using HierEmbed.Core.Scaling;

namespace HierEmbed.Training.Export;

/// <summary>Writes the decoder as <c>dictionary.npz</c>, stored, so that it can be mapped.</summary>
/// <remarks>
/// TopK: <c>atoms</c> <c>[latentDims, inputDims]</c> and <c>mean</c> <c>[inputDims]</c>, float32, in the space of L2-normalized embeddings
/// (of raw ones where the recipe does not normalize): x̂ = mean + Σ_j z_j atoms_j.
/// SigmoidOutput is not linear, so its members are those of scaled space: <c>decoder</c> <c>[latentDims, inputDims]</c>, <c>bias</c>
/// <c>[inputDims]</c>, <c>scaler_mean</c> and <c>scaler_scale</c> <c>[inputDims]</c>: x̂ = scaler_mean + scaler_scale ⊙ σ(bias + Σ_j z_j decoder_j).
/// </remarks>
public static class DictionaryFile
{
    /// <summary>Writes the file.</summary>
    /// <param name="stream">Receives it; stays open.</param>
    /// <param name="network">The trained network.</param>
    /// <param name="scaler">Its scaler.</param>
    /// <param name="recipe">Its recipe.</param>
    public static void Write(Stream stream, TrainedNetwork network, StandardScaler scaler, ResolvedRecipe recipe)
    {
        using var file = new NpzWriter(stream);
        if (recipe.Recipe.Architecture == Architecture.SigmoidOutput)
        {
            file.Add<float>("decoder", network.Decoder, network.LatentDims, network.InputDims);
            file.Add<float>("bias", network.DecoderBias, network.InputDims);
            file.Add<float>("scaler_mean", Rounded(scaler.Mean), network.InputDims);
            file.Add<float>("scaler_scale", Rounded(scaler.Scale), network.InputDims);
            return;
        }
        file.Add<float>("atoms", Atoms(network, scaler), network.LatentDims, network.InputDims);
        file.Add<float>("mean", Mean(network, scaler), network.InputDims);
    }

    // D̃ = diag(s) D, one atom a row
    private static float[] Atoms(TrainedNetwork network, StandardScaler scaler)
    {
        var atoms = new float[network.Decoder.Length];
        for (int at = 0; at < atoms.Length; at++)
            atoms[at] = (float)(network.Decoder[at] * scaler.Scale[at % network.InputDims]);
        return atoms;
    }

    // m = μ + s ⊙ c
    private static float[] Mean(TrainedNetwork network, StandardScaler scaler) =>
        [.. network.DecoderBias.Select((c, dim) => (float)(scaler.Mean[dim] + (scaler.Scale[dim] * c)))];

    private static float[] Rounded(IReadOnlyList<double> values) => [.. values.Select(v => (float)v)];
}
