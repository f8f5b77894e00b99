using System.Security.Cryptography;
using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Storage;

namespace HierEmbed.Serving.Encoders;

/// <summary>Loads a published version and refuses what does not belong together.</summary>
public static class EncoderModelLoader
{
    /// <summary>Loads a version from the results container.</summary>
    /// <param name="results">The results container.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="version">The version.</param>
    /// <param name="threads">Threads of the session; 0: one for each core, 4 at most.</param>
    /// <param name="cancellationToken">Cancels between files.</param>
    /// <exception cref="ModelException">There is no such version, or its files are damaged.</exception>
    public static Task<EncoderModel> LoadAsync(IArtifactStore results, string dataset, string version, int threads, CancellationToken cancellationToken = default) =>
        LoadAsync(FilesOf(results, dataset, version), SourceOf(dataset, version), threads, cancellationToken);

    /// <summary>Loads a version that is exported and not sealed: its manifest is not written yet, so there is no hash to compare.</summary>
    /// <param name="results">The results container.</param>
    /// <param name="manifest">What the manifest will say of recipe and name.</param>
    /// <param name="threads">Threads of the session; 0: one for each core, 4 at most.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ModelException">The graph is damaged or belongs to another model.</exception>
    public static async Task<EncoderModel> LoadUnsealedAsync(IArtifactStore results, ModelManifest manifest, int threads, CancellationToken cancellationToken = default) =>
        EncoderModel.Create(manifest, await results.ReadBytesAsync(Layout.Version(manifest.Dataset, manifest.Version) + Layout.EncoderFile, cancellationToken),
            SourceOf(manifest.Dataset, manifest.Version), threads);

    /// <summary>Opens a graph that is stored nowhere.</summary>
    /// <param name="manifest">What it is of recipe and name.</param>
    /// <param name="graph">The graph's bytes.</param>
    /// <param name="threads">Threads of the session; 0: one for each core, 4 at most.</param>
    /// <exception cref="ModelException">The graph is damaged or belongs to another model.</exception>
    public static EncoderModel Open(ModelManifest manifest, byte[] graph, int threads) =>
        EncoderModel.Create(manifest, graph, SourceOf(manifest.Dataset, manifest.Version), threads);

    /// <summary>Loads a version from its folder, as <c>train --out</c> leaves it.</summary>
    /// <param name="folder">The folder that holds <c>manifest.json</c>.</param>
    /// <param name="threads">Threads of the session; 0: one for each core, 4 at most.</param>
    /// <param name="cancellationToken">Cancels between files.</param>
    /// <exception cref="ModelException">The folder holds no model, or its files are damaged.</exception>
    public static Task<EncoderModel> LoadFolderAsync(string folder, int threads, CancellationToken cancellationToken = default) =>
        LoadAsync(FilesOf(folder), $"model folder \"{folder}\"", threads, cancellationToken);

    /// <summary>Loads a version from wherever its files are.</summary>
    /// <param name="read">Reads a file of the version.</param>
    /// <param name="source">What a message calls the version.</param>
    /// <param name="threads">Threads of the session; 0: one for each core, 4 at most.</param>
    /// <param name="cancellationToken">Cancels between files.</param>
    /// <exception cref="ModelException">There is no manifest, or the files are damaged or do not belong together.</exception>
    public static async Task<EncoderModel> LoadAsync(ModelFileReader read, string source, int threads, CancellationToken cancellationToken = default)
    {
        byte[] json = await read(Layout.ManifestFile, cancellationToken)
            ?? throw new ModelException(ProblemTypes.ModelNotFound, $"There is no {Layout.ManifestFile} of {source}. Check the name, or train the model again.");
        ModelManifest manifest = ParseManifest(json, source);
        return EncoderModel.Create(manifest, await ReadFileAsync(read, manifest, Layout.EncoderFile, source, cancellationToken), source, threads);
    }

    /// <summary>Reads a file of a version's folder as <see cref="ReadFileAsync"/> takes them.</summary>
    internal static ModelFileReader FilesOf(string folder) => async (name, cancellationToken) =>
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellationToken) : null;
    };

    /// <summary>Reads a file of a version in the results container likewise.</summary>
    internal static ModelFileReader FilesOf(IArtifactStore results, string dataset, string version) => async (name, cancellationToken) =>
    {
        try
        {
            return await results.ReadBytesAsync(Layout.Version(dataset, version) + name, cancellationToken);
        }
        catch (ArtifactNotFoundException)
        {
            return null;
        }
    };

    /// <summary>What a message calls a version in the results container.</summary>
    internal static string SourceOf(string dataset, string version) => $"model \"{dataset}\", version \"{version}\"";

    /// <summary>Reads a file that the manifest lists, and compares its hash.</summary>
    /// <exception cref="ModelException">It is missing, not listed, or another than is listed.</exception>
    internal static async Task<byte[]> ReadFileAsync(ModelFileReader read, ModelManifest manifest, string file, string source, CancellationToken cancellationToken)
    {
        byte[] content = await read(file, cancellationToken) ?? throw Corrupt(source, $"{file} is missing");
        string found = Convert.ToHexStringLower(SHA256.HashData(content));
        if (!manifest.Files.TryGetValue(file, out string? expected))
            throw Corrupt(source, $"the manifest does not list {file}");
        return string.Equals(expected, found, StringComparison.OrdinalIgnoreCase)
            ? content
            : throw Corrupt(source, $"{file} has SHA-256 {found[..12]}…, the manifest says {expected[..Math.Min(12, expected.Length)]}…");
    }

    /// <summary>A damaged version as an exception.</summary>
    internal static ModelException Corrupt(string source, string found, Exception? inner = null) =>
        new(ProblemTypes.CorruptArtifact, $"{source}: {found}. Delete the version and train it again, or roll back to another.", inner);

    private static ModelManifest ParseManifest(byte[] json, string source)
    {
        ModelManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<ModelManifest>(json, Json.Compact) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw Corrupt(source, $"{Layout.ManifestFile} is no manifest (line {e.LineNumber + 1}, byte {e.BytePositionInLine})", e);
        }
        int known = EncoderModel.KnownFormatVersion;
        return manifest.FormatVersion is >= 1 && manifest.FormatVersion <= known
            ? manifest
            : throw Corrupt(source, $"{Layout.ManifestFile} has format version {manifest.FormatVersion}, this program reads up to {known}");
    }
}
