using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Storage.Models;

/// <summary>Published models in the results container: versions, and the pointer to the one that is served.</summary>
/// <param name="results">The results container.</param>
/// <param name="clock">Stamps the pointer.</param>
public sealed class ModelStore(IArtifactStore results, TimeProvider clock)
{
    private const int KnownFormatVersion = 1;
    private readonly SequenceCounter sequence = new(results);

    /// <summary>The pointer with its ETag, or nulls where nothing is published.</summary>
    public Task<(LatestPointer? Value, string? ETag)> FindLatestAsync(string dataset, CancellationToken cancellationToken = default) =>
        results.FindJsonAsync<LatestPointer>(Layout.Latest(dataset), cancellationToken);

    /// <summary>A version's manifest, or null where that version is not published.</summary>
    /// <exception cref="ModelException">A newer program wrote it.</exception>
    public async Task<ModelManifest?> FindManifestAsync(string dataset, string version, CancellationToken cancellationToken = default)
    {
        ModelManifest? manifest = (await results.FindJsonAsync<ModelManifest>(Layout.Manifest(dataset, version), cancellationToken)).Value;
        if (manifest?.FormatVersion > KnownFormatVersion)
            throw new ModelException(ProblemTypes.CorruptArtifact,
                $"{Layout.Manifest(dataset, version)} has format version {manifest.FormatVersion}, this program reads up to {KnownFormatVersion}. Upgrade it, or roll back to an older version.");
        return manifest;
    }

    /// <summary>Whether a model is served and a version of it is there.</summary>
    public async Task<bool> StandsAsync(string dataset, string version, CancellationToken cancellationToken = default) =>
        await results.FindAsync(Layout.Latest(dataset), cancellationToken) is not null
        && await results.FindAsync(Layout.Manifest(dataset, version), cancellationToken) is not null;

    /// <summary>Points at a version, unless the pointer carries a higher sequence.</summary>
    /// <returns>The pointer that is stored now: the given one, or the newer one that won.</returns>
    public async Task<LatestPointer> PointAsync(string dataset, string version, long atSequence, string? runId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            (LatestPointer? found, string? etag) = await FindLatestAsync(dataset, cancellationToken);
            if (found is not null && found.Sequence >= atSequence)
                return found;
            // Where the version is served already, whose it is does not change: a run that is asked twice finds the same both times.
            var pointer = new LatestPointer(version, atSequence, found?.Version == version ? found.RunId : runId, clock.GetUtcNow());
            if (await results.WriteJsonAsync(Layout.Latest(dataset), pointer, WriteCondition.IfUnchanged(etag), cancellationToken) is not null)
                return pointer;
        }
    }

    /// <summary>Serves an older version again, under a new sequence.</summary>
    /// <exception cref="ModelException">There is no such version.</exception>
    public async Task<LatestPointer> RollBackAsync(string dataset, string version, CancellationToken cancellationToken = default)
    {
        if (await FindManifestAsync(dataset, version, cancellationToken) is null)
            throw new ModelException(ProblemTypes.ModelNotFound, $"Model \"{dataset}\" has no version \"{version}\". GET /api/v1/models lists the versions of each model.");
        return await PointAsync(dataset, version, await sequence.NextAsync(dataset, cancellationToken), null, cancellationToken);
    }

    /// <summary>Names of all models that serve a version.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        var names = new List<string>();
        await foreach (ArtifactInfo info in results.ListAsync(Layout.ModelsPrefix, cancellationToken))
        {
            string name = info.Name[Layout.ModelsPrefix.Length..].Split('/')[0];
            if (info.Name == Layout.Latest(name))
                names.Add(name);
        }
        return names;
    }

    /// <summary>Manifests of all published versions of a model, oldest first. A damaged one is left out: it must not hide the others, and who asks for it is told.</summary>
    public async Task<IReadOnlyList<ModelManifest>> ListVersionsAsync(string dataset, CancellationToken cancellationToken = default)
    {
        var manifests = new List<ModelManifest>();
        foreach (string version in await ListVersionNamesAsync(dataset, cancellationToken))
        {
            try
            {
                if (await FindManifestAsync(dataset, version, cancellationToken) is { } manifest)
                    manifests.Add(manifest);
            }
            catch (ModelException e) when (e.Type == ProblemTypes.CorruptArtifact)
            {
                continue;
            }
        }
        return [.. manifests.OrderBy(m => m.CreatedAt).ThenBy(m => m.Version, StringComparer.Ordinal)];
    }

    /// <summary>Deletes a version, manifest first, so that a half-deleted one is never taken for published.</summary>
    /// <exception cref="ModelException">It is the one that is served.</exception>
    public async Task DeleteVersionAsync(string dataset, string version, CancellationToken cancellationToken = default)
    {
        if ((await FindLatestAsync(dataset, cancellationToken)).Value?.Version == version)
            throw new ModelException(ProblemTypes.Conflict, $"Version \"{version}\" of \"{dataset}\" is the one that is served. Roll back to another first, or delete the whole model.");
        await DeleteFilesAsync(dataset, version, cancellationToken);
    }

    /// <summary>Deletes a model with all its published versions, pointer first. A run that is at work stays whole, and publishes where it goes on.</summary>
    /// <exception cref="ModelException">There is no such model.</exception>
    public async Task DeleteAsync(string dataset, CancellationToken cancellationToken = default)
    {
        // The pointer before the list: a version that is published meanwhile moves it.
        (LatestPointer? latest, string? etag) = await FindLatestAsync(dataset, cancellationToken);
        IReadOnlyList<string> versions = await ListVersionNamesAsync(dataset, cancellationToken);
        if (latest is null && versions.Count == 0)
            throw new ModelException(ProblemTypes.ModelNotFound, $"There is no model \"{dataset}\". GET /api/v1/models lists those that are there.");
        if (latest is not null && !await results.DeleteAsync(Layout.Latest(dataset), etag, cancellationToken))
            throw new ModelException(ProblemTypes.Conflict, $"A version of \"{dataset}\" was published or rolled back to while the model was being deleted. Nothing was deleted; try again.");
        foreach (string version in versions)
            await DeleteFilesAsync(dataset, version, cancellationToken);
    }

    // Manifest first: whatever happens after, a version without one is not published.
    private async Task DeleteFilesAsync(string dataset, string version, CancellationToken cancellationToken)
    {
        await results.DeleteAsync(Layout.Manifest(dataset, version), null, cancellationToken);
        await DeleteAllAsync(Layout.Version(dataset, version), cancellationToken);
    }

    // By name alone: what cannot be read can still be deleted.
    private async Task<IReadOnlyList<string>> ListVersionNamesAsync(string dataset, CancellationToken cancellationToken)
    {
        var versions = new List<string>();
        await foreach (ArtifactInfo info in results.ListAsync(Layout.Model(dataset), cancellationToken))
        {
            string version = info.Name[Layout.Model(dataset).Length..].Split('/')[0];
            if (info.Name == Layout.Manifest(dataset, version))
                versions.Add(version);
        }
        return versions;
    }

    private async Task DeleteAllAsync(string prefix, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (ArtifactInfo info in results.ListAsync(prefix, cancellationToken))
            names.Add(info.Name);
        foreach (string name in names)
            await results.DeleteAsync(name, null, cancellationToken);
    }
}
