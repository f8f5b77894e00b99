using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using HierEmbed.Core;
using HierEmbed.Core.Models;
using HierEmbed.Storage;

namespace HierEmbed.Cli.Hosting;

/// <summary>A model's folder on the user's disk: what may be replaced, and how.</summary>
internal static partial class ModelFolder
{
    private static readonly string[] Files = [Layout.ManifestFile, Layout.EncoderFile, Layout.DictionaryFile, Layout.MetricsFile, Layout.ReportFile];

    /// <summary>Says why a folder is not a model and nothing else, so that it must not be deleted.</summary>
    /// <param name="folder">A folder that is there.</param>
    /// <returns>What was found, or null where the folder is a model.</returns>
    public static string? WhyForeign(string folder)
    {
        string codes = Path.Combine(folder, Layout.CodesFolder);
        string? foreign = FirstForeign(folder, entry => entry is DirectoryInfo ? $"{entry.Name}/" == Layout.CodesFolder : Files.Contains(entry.Name))
            ?? (Directory.Exists(codes) ? FirstForeign(codes, entry => entry is FileInfo && CodesFile().IsMatch(entry.Name)) : null);
        if (foreign is not null)
            return $"holds \"{Path.GetRelativePath(folder, foreign)}\", which is no part of a model";
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

    /// <summary>An entry that is not known, or is a link.</summary>
    private static string? FirstForeign(string folder, Func<FileSystemInfo, bool> isKnown) => new DirectoryInfo(folder).EnumerateFileSystemInfos()
        .OrderBy(entry => entry.Name, StringComparer.Ordinal)
        .FirstOrDefault(entry => !isKnown(entry) || entry.LinkTarget is not null)?.FullName;

    /// <summary>The codes of a block, and the index of a run's codes.</summary>
    [GeneratedRegex("^(?:[0-9a-f]{16,64}\\.npz|[a-z0-9-]+-[0-9a-f]{16}\\.json)$")]
    private static partial Regex CodesFile();

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
