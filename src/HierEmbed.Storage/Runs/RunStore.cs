using System.Runtime.CompilerServices;
using HierEmbed.Core.Errors;
using HierEmbed.Storage.Datasets;

namespace HierEmbed.Storage.Runs;

/// <summary>Records of runs in the results container.</summary>
/// <param name="results">The results container.</param>
/// <param name="clock">Stamps the records.</param>
public sealed class RunStore(IArtifactStore results, TimeProvider clock)
{
    private readonly SequenceCounter sequence = new(results);

    /// <summary>Looks a run up.</summary>
    public async Task<RunRecord?> FindAsync(string runId, CancellationToken cancellationToken = default) =>
        (await results.FindJsonAsync<RunRecord>(Layout.RunRecord(runId), cancellationToken)).Value;

    /// <summary>Puts a run for a listing, unless it is there.</summary>
    /// <returns>The run that is there now.</returns>
    public async Task<RunRecord> CreateAsync(DatasetListing listing, CancellationToken cancellationToken = default)
    {
        string runId = listing.RunId();
        if (await FindAsync(runId, cancellationToken) is { } there)
            return there;
        // The listing first: a run that exists always has one. Its content follows from the run id, so any writer writes the same.
        await results.WriteJsonAsync(Layout.Listing(runId), listing, WriteCondition.IfAbsent, cancellationToken);
        DateTimeOffset now = clock.GetUtcNow();
        var record = new RunRecord
        {
            RunId = runId,
            Dataset = listing.Dataset,
            Sequence = await sequence.NextAsync(listing.Dataset, cancellationToken),
            State = RunState.Queued,
            CreatedAt = now,
            UpdatedAt = now,
            Files = listing.Files.Count,
        };
        await results.WriteJsonAsync(Layout.RunRecord(runId), record, WriteCondition.IfAbsent, cancellationToken);
        return await FindAsync(runId, cancellationToken) ?? record;
    }

    /// <summary>The listing that a run trains on.</summary>
    /// <exception cref="ArtifactNotFoundException">There is no such run.</exception>
    public async Task<DatasetListing> ListingAsync(string runId, CancellationToken cancellationToken = default) =>
        (await results.FindJsonAsync<DatasetListing>(Layout.Listing(runId), cancellationToken)).Value ?? throw new ArtifactNotFoundException(Layout.Listing(runId));

    /// <summary>Changes a record by compare-and-swap, as often as it takes.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="change">The new record, or null to leave it as it is.</param>
    /// <param name="cancellationToken">Cancels between attempts.</param>
    /// <returns>The record that is stored now.</returns>
    /// <exception cref="ArtifactNotFoundException">There is no such run.</exception>
    public async Task<RunRecord> UpdateAsync(string runId, Func<RunRecord, RunRecord?> change, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            (RunRecord? found, string? etag) = await results.FindJsonAsync<RunRecord>(Layout.RunRecord(runId), cancellationToken);
            if (found is null)
                throw new ArtifactNotFoundException(Layout.RunRecord(runId));
            if (change(found) is not { } changed)
                return found;
            changed = changed with { UpdatedAt = clock.GetUtcNow() };
            if (await results.WriteJsonAsync(Layout.RunRecord(runId), changed, WriteCondition.IfUnchanged(etag), cancellationToken) is not null)
                return changed;
        }
    }

    /// <summary>Asks a run to stop; its steps look for this between pieces of work.</summary>
    public Task RequestCancelAsync(string runId, CancellationToken cancellationToken = default) =>
        results.WriteBytesAsync(Layout.Cancel(runId), ReadOnlyMemory<byte>.Empty, WriteCondition.Always, cancellationToken);

    /// <summary>Whether a run was asked to stop.</summary>
    public async Task<bool> IsCancelRequestedAsync(string runId, CancellationToken cancellationToken = default) =>
        await results.FindAsync(Layout.Cancel(runId), cancellationToken) is not null;

    /// <summary>Lets a run that failed or was cancelled start again. A user asks for this, never the program.</summary>
    /// <returns>The record that is stored now; unchanged where the run goes on or has published.</returns>
    public Task<RunRecord> RestartAsync(string runId, CancellationToken cancellationToken = default) => RestartAsync(runId, CanRestart, cancellationToken);

    /// <summary>Lets a run that has ended start again because its dataset's files are back in the state that it trained on, after a later run.</summary>
    /// <returns>The record that is stored now; unchanged where the run goes on.</returns>
    public Task<RunRecord> RepeatAsync(string runId, CancellationToken cancellationToken = default) => RestartAsync(runId, record => record.HasEnded, cancellationToken);

    private async Task<RunRecord> RestartAsync(string runId, Func<RunRecord, bool> mayRestart, CancellationToken cancellationToken)
    {
        RunRecord record = await FindAsync(runId, cancellationToken) ?? throw new ArtifactNotFoundException(Layout.RunRecord(runId));
        if (!mayRestart(record))
            return record;
        // Before the record: a run that starts again must not find the wish that ended it.
        await results.DeleteAsync(Layout.Cancel(runId), null, cancellationToken);
        await ForgetProgressAsync(runId, cancellationToken);
        long next = await sequence.NextAsync(record.Dataset, cancellationToken);
        return await UpdateAsync(runId, found => mayRestart(found)
            ? found with { State = RunState.Queued, Sequence = next, Step = null, LastFault = null, Problem = null, ModelVersion = null }
            : null, cancellationToken);
    }

    /// <summary>The progress of an earlier attempt would be shown as that of the new one until it is overtaken.</summary>
    private async Task ForgetProgressAsync(string runId, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (ArtifactInfo info in results.ListAsync(Layout.ProgressPrefix(runId), cancellationToken))
            names.Add(info.Name);
        foreach (string name in names)
            await results.DeleteAsync(name, null, cancellationToken);
    }

    private static bool CanRestart(RunRecord record) => record.State is RunState.Failed or RunState.Cancelled or RunState.Superseded;

    /// <summary>How far the training of a run has come, or null before it began.</summary>
    public async Task<TrainingProgress?> ProgressAsync(string runId, CancellationToken cancellationToken = default)
    {
        string? last = null;
        await foreach (ArtifactInfo info in results.ListAsync(Layout.ProgressPrefix(runId), cancellationToken))
            last = info.Name;
        return last is null ? null : (await results.FindJsonAsync<TrainingProgress>(last, cancellationToken)).Value;
    }

    /// <summary>All runs, or those of one dataset, in ordinal order of ids. A damaged record is left out: it must not hide the others, and who asks for it is told.</summary>
    public async IAsyncEnumerable<RunRecord> ListAsync(string? dataset = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string prefix = dataset is null ? Layout.RunsPrefix : $"{Layout.RunsPrefix}{dataset}-";
        await foreach (ArtifactInfo info in results.ListAsync(prefix, cancellationToken))
        {
            string runId = info.Name[Layout.RunsPrefix.Length..].Split('/')[0];
            if (info.Name != Layout.RunRecord(runId))
                continue;
            RunRecord? record = await FindReadableAsync(info.Name, cancellationToken);
            if (record is not null && (dataset is null || record.Dataset == dataset))
                yield return record;
        }
    }

    private async Task<RunRecord?> FindReadableAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await results.FindJsonAsync<RunRecord>(name, cancellationToken)).Value;
        }
        catch (ModelException e) when (e.Type == ProblemTypes.CorruptArtifact)
        {
            return null;
        }
    }
}
