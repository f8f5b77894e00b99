using HierEmbed.Core.Codes.Pursuit;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Encoders;

/// <summary>Loads a version's dictionary, for pursuit and for asymmetric scores.</summary>
public static class DictionaryLoader
{
    /// <summary>Loads it from the version's folder.</summary>
    /// <param name="folder">The folder that holds <c>dictionary.npz</c>.</param>
    /// <param name="manifest">The version's manifest.</param>
    /// <param name="cancellationToken">Cancels before and while the file is read.</param>
    /// <exception cref="ModelException">The file is missing or damaged, or the model rebuilds no unit embedding from a sum of atoms.</exception>
    public static async Task<LinearDecoder> LoadFolderAsync(string folder, ModelManifest manifest, CancellationToken cancellationToken = default)
    {
        string source = $"model folder \"{folder}\"";
        byte[] content = await EncoderModelLoader.ReadFileAsync(EncoderModelLoader.FilesOf(folder), manifest, Layout.DictionaryFile, source, cancellationToken);
        LinearDecoder dictionary = LinearDecoder.Read(new MemoryStream(content, writable: false), manifest.ModelId);
        if (!manifest.Recipe.Recipe.L2Normalize)
            throw new ModelException(ProblemTypes.UnsupportedContent,
                $"Model {manifest.ModelId} was trained with l2Normalize false: pursuit and asymmetric scores are for rows of unit length. Use coding \"encoder\", or train with l2Normalize true.");
        return dictionary.InputDims == manifest.Recipe.InputDims && dictionary.LatentDims == manifest.Recipe.LatentDims
            ? dictionary
            : throw EncoderModelLoader.Corrupt(source, $"{Layout.DictionaryFile} is {dictionary.LatentDims} × {dictionary.InputDims}, the manifest says {manifest.Recipe.LatentDims} × {manifest.Recipe.InputDims}");
    }
}
