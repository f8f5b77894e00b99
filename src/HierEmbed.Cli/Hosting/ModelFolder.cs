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
    private static readonly string[] Files = [Layout.ManifestFile, Layout.EncoderFile, Layout.DictionaryFile, Layout.PackingFile, Layout.MetricsFile, Layout.ReportFile];

    private static (string Name, Regex Files)[] Folders => [(Layout.CodesFolder, CodesFile()), (Layout.VectorsFolder, VectorsFile()), (Layout.LabelsFolder, LabelsFile())];

    /// <summary>Says why a folder is not a model and nothing else, so that it must not be deleted.</summary>
    /// <param name="folder">A folder that is there.</param>
    /// <returns>What was found, or null where the folder is a model.</returns>
    public static string? WhyForeign(string folder)
    {
        string? foreign = FirstForeign(folder, entry => entry is DirectoryInfo ? Folders.Any(part => part.Name == $"{entry.Name}/") : Files.Contains(entry.Name))
            ?? Folders.Select(part => Path.Combine(folder, part.Name) is var path && Directory.Exists(path) ? FirstForeign(path, entry => entry is FileInfo && part.Files.IsMatch(entry.Name)) : null)
                .FirstOrDefault(found => found is not null);
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

    /// <summary>The codes of a block, with its labels' hash where it has some and its length or k; those of an earlier program; the index of a run's codes, and which is the newest.</summary>
    [GeneratedRegex("^(?:[0-9a-f]{16}(?:-[0-9a-f]{16})?-k?[0-9]{1,4}\\.codes|[0-9a-f]{16,64}\\.npz|[a-z0-9-]+-[0-9a-f]{16}\\.json|latest\\.json)$")]
    private static partial Regex CodesFile();

    [GeneratedRegex("^[0-9a-f]{16}\\.npy$")]
    private static partial Regex VectorsFile();

    [GeneratedRegex("^[0-9a-f]{16}\\.labels$")]
    private static partial Regex LabelsFile();

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
