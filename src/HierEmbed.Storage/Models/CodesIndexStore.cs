using HierEmbed.Core.Models;

namespace HierEmbed.Storage.Models;

/// <summary>The indexes that say which stored codes, vectors and labels of a version are those of a dataset's rows.</summary>
/// <param name="results">The results container.</param>
public sealed class CodesIndexStore(IArtifactStore results)
{
    /// <summary>The run whose index is the newest of a version, or null where the version has no codes.</summary>
    public async Task<CodesPointer?> FindLatestAsync(string dataset, string version, CancellationToken cancellationToken = default) =>
        (await results.FindJsonAsync<CodesPointer>(Layout.CodesLatest(dataset, version), cancellationToken)).Value;

    /// <summary>A run's index, or null where it has none in that version.</summary>
    public async Task<IReadOnlyList<CodesIndexEntry>?> FindAsync(string dataset, string version, string runId, CancellationToken cancellationToken = default) =>
        (await results.FindJsonAsync<CodesIndexEntry[]>(Layout.CodesIndex(dataset, version, runId), cancellationToken)).Value;

    /// <summary>Writes a run's index, then points at it, unless a newer run has been there.</summary>
    public async Task WriteAsync(string dataset, string version, CodesPointer run, IReadOnlyList<CodesIndexEntry> index, CancellationToken cancellationToken = default)
    {
        await results.WriteJsonAsync(Layout.CodesIndex(dataset, version, run.RunId), index, WriteCondition.Always, cancellationToken);
        string latest = Layout.CodesLatest(dataset, version);
        string? written = null;
        while (written is null)
        {
            (CodesPointer? found, string? etag) = await results.FindJsonAsync<CodesPointer>(latest, cancellationToken);
            if (found is not null && found.Sequence >= run.Sequence)
                return;
            written = await results.WriteJsonAsync(latest, run, WriteCondition.IfUnchanged(etag), cancellationToken);
        }
    }
}
