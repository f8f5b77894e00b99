using HierEmbed.Core.Models;
using HierEmbed.Core.Options;
using HierEmbed.Pipeline.Rows;
using HierEmbed.Storage;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>Keeps as many versions, runs and bytes as the settings allow; the served version always stays.</summary>
public sealed class Retention(HierEmbedStorage storage, RunStore runs, ModelStore models, HierEmbedOptions options, TimeProvider clock)
{
    /// <summary>Another host may be about to write the manifest of a run that was ended under it; no step takes so long to notice.</summary>
    private static readonly TimeSpan UnsealedKeptFor = TimeSpan.FromHours(1);

    private readonly CodesRetention codes = new(storage.Results, models);

    /// <summary>Clears up behind the runs of a dataset that have ended.</summary>
    public async Task ApplyAsync(string dataset, CancellationToken cancellationToken)
    {
        // Before the runs: whoever makes one of these versions is among them.
        IReadOnlyDictionary<string, DateTimeOffset> folders = await VersionFoldersAsync(dataset, cancellationToken);
        List<RunRecord> allRuns = await ListRunsAsync(dataset, cancellationToken);
        IReadOnlySet<string> atWork = await VersionsAtWorkAsync(allRuns, cancellationToken);
        await DropOldRunsAsync([.. allRuns.Where(run => run.HasEnded)], cancellationToken);
        await DropOldVersionsAsync(dataset, atWork, cancellationToken);
        await DropOldCodesAsync(dataset, cancellationToken);
        foreach ((string version, DateTimeOffset written) in folders)
        {
            // What a run left that ended between its export and its manifest.
            if (!atWork.Contains(version) && clock.GetUtcNow() - written > UnsealedKeptFor && await models.FindManifestAsync(dataset, version, cancellationToken) is null)
                await DeleteAllAsync(Layout.Version(dataset, version), cancellationToken);
        }
    }

    private async Task DropOldCodesAsync(string dataset, CancellationToken cancellationToken)
    {
        // Listed again: a run that goes on relies on what it found stored, and lists it at its end. What one that begins from here on stores is too young.
        List<RunRecord> allRuns = await ListRunsAsync(dataset, cancellationToken);
        if (allRuns.All(run => run.HasEnded))
            await codes.ApplyAsync(dataset, allRuns.OrderByDescending(r => r.Sequence).Take(options.KeepRuns).Select(run => run.RunId).ToHashSet(), clock.GetUtcNow() - UnsealedKeptFor, cancellationToken);
    }

    private async Task<List<RunRecord>> ListRunsAsync(string dataset, CancellationToken cancellationToken)
    {
        var found = new List<RunRecord>();
        await foreach (RunRecord run in runs.ListAsync(dataset, cancellationToken))
            found.Add(run);
        return found;
    }

    /// <summary>Folders of versions, whole or not, with the time of the last write to each.</summary>
    private async Task<IReadOnlyDictionary<string, DateTimeOffset>> VersionFoldersAsync(string dataset, CancellationToken cancellationToken)
    {
        var folders = new Dictionary<string, DateTimeOffset>();
        await foreach (ArtifactInfo info in storage.Results.ListAsync(Layout.Model(dataset), cancellationToken))
        {
            if (info.Name[Layout.Model(dataset).Length..].Split('/') is [var version, _, ..] && info.LastModified >= folders.GetValueOrDefault(version))
                folders[version] = info.LastModified;
        }
        return folders;
    }

    /// <summary>Versions that runs which go on make or point at next.</summary>
    private async Task<IReadOnlySet<string>> VersionsAtWorkAsync(IEnumerable<RunRecord> allRuns, CancellationToken cancellationToken)
    {
        var versions = new HashSet<string>();
        foreach (RunRecord run in allRuns.Where(run => !run.HasEnded))
        {
            if ((await storage.Results.FindJsonAsync<RunPlan>(Layout.Plan(run.RunId), cancellationToken)).Value is { } plan)
                versions.Add(plan.Version);
        }
        return versions;
    }

    /// <summary>Row blocks, checkpoints and parts of the evaluation serve only a run that goes on; a run that is started again makes them again.</summary>
    private async Task DropWorkAsync(string runId, CancellationToken cancellationToken)
    {
        await DeleteAllAsync(Layout.Checkpoints(runId), cancellationToken);
        await DeleteAllAsync(Layout.EvaluationParts(runId), cancellationToken);
        await DeleteAllAsync(Layout.Blocks(runId), cancellationToken);
    }

    private async Task DropOldRunsAsync(IReadOnlyList<RunRecord> ended, CancellationToken cancellationToken)
    {
        foreach (RunRecord run in ended)
        {
            // Looked at again: a user may have started it anew since it was listed.
            if (await runs.FindAsync(run.RunId, cancellationToken) is { HasEnded: true })
                await DropWorkAsync(run.RunId, cancellationToken);
        }
        foreach (RunRecord old in ended.OrderByDescending(r => r.Sequence).Skip(options.KeepRuns))
        {
            // The record last: what is left of a half-deleted run is found again by the next clearing.
            await storage.Results.DeleteAsync(Layout.Failure(old.Dataset, old.RunId), null, cancellationToken);
            await DeleteAllAsync(Layout.Run(old.RunId), cancellationToken, except: Layout.RunRecord(old.RunId));
            await storage.Results.DeleteAsync(Layout.RunRecord(old.RunId), null, cancellationToken);
        }
    }

    private async Task DropOldVersionsAsync(string dataset, IReadOnlySet<string> atWork, CancellationToken cancellationToken)
    {
        string? served = (await models.FindLatestAsync(dataset, cancellationToken)).Value?.Version;
        IReadOnlyList<ModelManifest> versions = await models.ListVersionsAsync(dataset, cancellationToken);
        long bytes = 0;
        int kept = 0;
        foreach (ModelManifest version in versions.OrderByDescending(v => v.Version == served).ThenByDescending(v => v.CreatedAt))
        {
            bytes += await BytesAsync(Layout.Version(dataset, version.Version), cancellationToken);
            kept++;
            bool isNeeded = version.Version == served || atWork.Contains(version.Version);
            if (!isNeeded && (kept > options.KeepVersions || bytes > options.KeepBytes))
                await models.DeleteVersionAsync(dataset, version.Version, cancellationToken);
        }
    }

    private async Task<long> BytesAsync(string prefix, CancellationToken cancellationToken)
    {
        long bytes = 0;
        await foreach (ArtifactInfo info in storage.Results.ListAsync(prefix, cancellationToken))
            bytes += info.Bytes;
        return bytes;
    }

    private async Task DeleteAllAsync(string prefix, CancellationToken cancellationToken, string? except = null)
    {
        var names = new List<string>();
        await foreach (ArtifactInfo info in storage.Results.ListAsync(prefix, cancellationToken))
            names.Add(info.Name);
        foreach (string name in names.Where(n => n != except))
            await storage.Results.DeleteAsync(name, null, cancellationToken);
    }
}
