using HierEmbed.Core.Codes.Packed;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Encoders;

/// <summary>Loads the packing formats that a version was published with.</summary>
public static class PackingLoader
{
    /// <summary>Loads them from the version's folder.</summary>
    /// <param name="folder">The folder that holds <c>packing.json</c>.</param>
    /// <param name="manifest">The version's manifest.</param>
    /// <param name="cancellationToken">Cancels before and while the file is read.</param>
    /// <returns>The formats; null where the version was published with none: by an earlier program, or with a recipe that has no pursuit.</returns>
    /// <exception cref="ModelException">The file is missing or damaged.</exception>
    public static Task<PackingTable?> FindFolderAsync(string folder, ModelManifest manifest, CancellationToken cancellationToken = default) =>
        FindAsync(EncoderModelLoader.FilesOf(folder), $"model folder \"{folder}\"", manifest, cancellationToken);

    /// <summary>Loads them from the results container.</summary>
    /// <param name="results">The results container.</param>
    /// <param name="manifest">The version's manifest.</param>
    /// <param name="cancellationToken">Cancels before and while the file is read.</param>
    /// <returns>The formats; null where the version was published with none.</returns>
    /// <exception cref="ModelException">The file is missing or damaged.</exception>
    public static Task<PackingTable?> FindAsync(IArtifactStore results, ModelManifest manifest, CancellationToken cancellationToken = default) =>
        FindAsync(EncoderModelLoader.FilesOf(results, manifest.Dataset, manifest.Version), EncoderModelLoader.SourceOf(manifest.Dataset, manifest.Version), manifest, cancellationToken);

    private static async Task<PackingTable?> FindAsync(ModelFileReader files, string source, ModelManifest manifest, CancellationToken cancellationToken)
    {
        if (!manifest.Files.ContainsKey(Layout.PackingFile))
            return null;
        PackingTable table = PackingTable.Parse(await EncoderModelLoader.ReadFileAsync(files, manifest, Layout.PackingFile, source, cancellationToken), $"{source}, {Layout.PackingFile}");
        return table.LatentDims == manifest.Recipe.LatentDims
            ? table
            : throw EncoderModelLoader.Corrupt(source, $"{Layout.PackingFile} is for {table.LatentDims} latents, the manifest says {manifest.Recipe.LatentDims}");
    }
}
