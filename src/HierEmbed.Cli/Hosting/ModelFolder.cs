using System.Security.Cryptography;
using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Core.Models;
using HierEmbed.Storage;

namespace HierEmbed.Cli.Hosting;

/// <summary>A model's folder on the user's disk: what may be replaced, and how.</summary>
internal static class ModelFolder
{
    private static readonly string[] Files = [Layout.ManifestFile, Layout.EncoderFile, Layout.DictionaryFile, Layout.MetricsFile];

    /// <summary>Says why a folder is not a model and nothing else, so that it must not be deleted.</summary>
    /// <param name="folder">A folder that is there.</param>
    /// <returns>What was found, or null where the folder is a model.</returns>
    public static string? WhyForeign(string folder)
    {
        foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            bool known = entry is DirectoryInfo ? $"{entry.Name}/" == Layout.CodesFolder : Files.Contains(entry.Name);
            if (!known || entry.LinkTarget is not null)
                return $"holds \"{entry.Name}\", which is no part of a model";
        }
        if (ReadManifest(Path.Combine(folder, Layout.ManifestFile)) is not { } manifest)
            return $"holds no {Layout.ManifestFile} of a model";
        string encoder = Path.Combine(folder, Layout.EncoderFile);
        if (!File.Exists(encoder))
            return $"holds no {Layout.EncoderFile}";
        return manifest.Files.GetValueOrDefault(Layout.EncoderFile) == HashOf(encoder) ? null : $"holds an {Layout.EncoderFile} that is not its manifest's";
    }

    /// <summary>Moves a finished model in; one that is there already moves aside, and back if the new one cannot take its place.</summary>
    /// <param name="finished">The new model's folder, on the destination's disk.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="aside">Where the old one waits.</param>
    public static void Replace(string finished, string destination, string aside)
    {
        bool replaces = Directory.Exists(destination);
        if (replaces)
            Directory.Move(destination, aside);
        try
        {
            Directory.Move(finished, destination);
        }
        catch when (replaces)
        {
            Directory.Move(aside, destination);
            throw;
        }
    }

    private static ModelManifest? ReadManifest(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<ModelManifest>(File.ReadAllBytes(path), Json.Compact) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
