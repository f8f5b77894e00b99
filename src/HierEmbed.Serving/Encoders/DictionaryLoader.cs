using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Core.Recipes;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Encoders;

/// <summary>Loads a version's dictionary, for pursuit and for asymmetric scores.</summary>
public static class DictionaryLoader
{
    /// <summary>Most latents that rows are coded by pursuit at: the products of all pairs of atoms are held in memory then, 1 GiB of them.</summary>
    public const int MaxPursuitLatents = 16_384;

    /// <summary>Whether a model rebuilds embeddings of unit length from a sum of atoms, so that it has one.</summary>
    public static bool IsLinear(ResolvedRecipe recipe) => recipe.Recipe is { L2Normalize: true, Architecture: not Architecture.SigmoidOutput };

    /// <summary>Whether its rows are coded by pursuit.</summary>
    public static bool HasPursuit(ResolvedRecipe recipe) => IsLinear(recipe) && recipe.LatentDims <= MaxPursuitLatents;

    /// <summary>Loads it from the version's folder.</summary>
    /// <param name="folder">The folder that holds <c>dictionary.npz</c>.</param>
    /// <param name="manifest">The version's manifest.</param>
    /// <param name="cancellationToken">Cancels before and while the file is read.</param>
    /// <exception cref="ModelException">The file is missing or damaged, or the model rebuilds no unit embedding from a sum of atoms.</exception>
    public static Task<LinearDecoder> LoadFolderAsync(string folder, ModelManifest manifest, CancellationToken cancellationToken = default) =>
        LoadAsync(EncoderModelLoader.FilesOf(folder), $"model folder \"{folder}\"", manifest, cancellationToken);

    /// <summary>Loads it from the results container.</summary>
    /// <param name="results">The results container.</param>
    /// <param name="manifest">The version's manifest.</param>
    /// <param name="cancellationToken">Cancels before and while the file is read.</param>
    /// <exception cref="ModelException">As above.</exception>
    public static Task<LinearDecoder> LoadAsync(IArtifactStore results, ModelManifest manifest, CancellationToken cancellationToken = default) =>
        LoadAsync(EncoderModelLoader.FilesOf(results, manifest.Dataset, manifest.Version), EncoderModelLoader.SourceOf(manifest.Dataset, manifest.Version), manifest, cancellationToken);

    private static async Task<LinearDecoder> LoadAsync(ModelFileReader files, string source, ModelManifest manifest, CancellationToken cancellationToken)
    {
        byte[] content = await EncoderModelLoader.ReadFileAsync(files, manifest, Layout.DictionaryFile, source, cancellationToken);
        LinearDecoder dictionary = LinearDecoder.Read(new MemoryStream(content, writable: false), manifest.ModelId);
        if (!manifest.Recipe.Recipe.L2Normalize)
            throw new ModelException(ProblemTypes.UnsupportedContent,
                $"Model {manifest.ModelId} was trained with l2Normalize false: pursuit and asymmetric scores are for rows of unit length. Use coding \"encoder\", or train with l2Normalize true.");
        return dictionary.InputDims == manifest.Recipe.InputDims && dictionary.LatentDims == manifest.Recipe.LatentDims
            ? dictionary
            : throw EncoderModelLoader.Corrupt(source, $"{Layout.DictionaryFile} is {dictionary.LatentDims} × {dictionary.InputDims}, the manifest says {manifest.Recipe.LatentDims} × {manifest.Recipe.InputDims}");
    }
}
