using HierEmbed.Core.Errors;
using HierEmbed.Core.Models;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Drops codes, vectors and labels of published versions that no index lists any more. What a version's newest index lists always stays.</summary>
/// <param name="results">The results container.</param>
/// <param name="models">Published models.</param>
public sealed class CodesRetention(IArtifactStore results, ModelStore models)
{
    private static readonly string[] Folders = [Layout.CodesFolder, Layout.VectorsFolder, Layout.LabelsFolder];
    private readonly CodesIndexStore indexes = new(results);

    /// <summary>Clears up. No run of the dataset may be at work: it relies on what it found stored, and lists it at its end.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="keptRuns">Runs whose indexes stay.</param>
    /// <param name="writtenBefore">Files that were written later stay: a run that has begun since may be about to list them.</param>
    /// <param name="cancellationToken">Cancels between deletions; the next clearing goes on.</param>
    public async Task ApplyAsync(string dataset, IReadOnlySet<string> keptRuns, DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        foreach (ModelManifest version in await models.ListVersionsAsync(dataset, cancellationToken))
        {
            try
            {
                await ApplyAsync(dataset, version.Version, keptRuns, writtenBefore, cancellationToken);
            }
            catch (ModelException e) when (e.Type == ProblemTypes.CorruptArtifact)
            {
                // An index that cannot be read may list anything: all of the version's stays, and who asks for it is told.
                continue;
            }
        }
    }

    private async Task ApplyAsync(string dataset, string version, IReadOnlySet<string> keptRuns, DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        string folder = Layout.Version(dataset, version), latest = Layout.CodesLatest(dataset, version);
        string? newest = (await indexes.FindLatestAsync(dataset, version, cancellationToken))?.RunId;
        var stored = new Dictionary<string, DateTimeOffset>();
        foreach (string part in Folders)
        {
            await foreach (ArtifactInfo info in results.ListAsync(folder + part, cancellationToken))
                stored.Add(info.Name, info.LastModified);
        }
        var listed = new HashSet<string> { latest };
        foreach (string index in stored.Keys.Where(name => name != latest && name.EndsWith(".json", StringComparison.Ordinal)))
        {
            string runId = Path.GetFileNameWithoutExtension(index);
            if (runId != newest && !keptRuns.Contains(runId))
                continue;
            listed.Add(index);
            foreach (CodesIndexEntry entry in await indexes.FindAsync(dataset, version, runId, cancellationToken) ?? [])
                listed.UnionWith([folder + Layout.CodesFolder + entry.Codes, folder + Layout.VectorsFolder + entry.Vectors, folder + Layout.LabelsFolder + entry.Labels]);
        }
        // Indexes first: one that is left lists what is there.
        foreach (string name in stored.Keys.Where(name => !listed.Contains(name) && stored[name] < writtenBefore).OrderByDescending(name => name.EndsWith(".json", StringComparison.Ordinal)))
            await results.DeleteAsync(name, null, cancellationToken);
    }
}
