using HierEmbed.Core.Options;
using HierEmbed.Storage;
using HierEmbed.Storage.Folders;

namespace HierEmbed.Functions.Hosting;

/// <summary>Opens the two containers: the one place of the function app that knows which kind of storage there is.</summary>
public static class StorageFactory
{
    /// <summary>Opens both containers.</summary>
    /// <param name="location">The full path of a folder.</param>
    /// <param name="options">Names of the containers.</param>
    /// <exception cref="ArgumentException">It is no full path. The message does not show it: a connection string holds a secret.</exception>
    public static HierEmbedStorage Open(string location, HierEmbedOptions options)
    {
        if (!Path.IsPathFullyQualified(location))
            throw new ArgumentException($"The setting {Settings.Connection} is not the full path of a folder.", nameof(location));
        return new(new FolderStore(Path.Combine(location, options.UploadsContainer)), new FolderStore(Path.Combine(location, options.ResultsContainer)));
    }
}
