using System.Text.RegularExpressions;
using HierEmbed.Core.Errors;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Models;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Serving.Runs;

/// <summary>What users ask of runs: start, look, cancel. The watcher and its workflow do the work.</summary>
public sealed partial class RunRequests
{
    /// <summary>Runs that are listed unless a caller asks for another number.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Runs that are listed at most.</summary>
    public const int MaxLimit = 1000;

    private readonly DatasetCatalog datasets;
    private readonly DirtyMarkers markers;
    private readonly RunStore runs;
    private readonly ModelStore models;
    private readonly IWatcherLauncher launcher;

    /// <summary>Answers requests from what is stored.</summary>
    /// <param name="storage">Both containers.</param>
    /// <param name="launcher">Starts watchers.</param>
    /// <param name="clock">Stamps the records.</param>
    public RunRequests(HierEmbedStorage storage, IWatcherLauncher launcher, TimeProvider clock)
    {
        datasets = new DatasetCatalog(storage.Uploads);
        markers = new DirtyMarkers(storage.Results);
        runs = new RunStore(storage.Results, clock);
        models = new ModelStore(storage.Results, clock);
        this.launcher = launcher;
    }

    /// <summary>Asks for a training of a dataset's files as they are now.</summary>
    /// <exception cref="DatasetException">The name is not allowed, there is no such dataset, or two uploads claim it.</exception>
    public async Task<RunStart> StartAsync(string? dataset, CancellationToken cancellationToken = default)
    {
        DatasetListing listing = await datasets.ListAsync(DatasetName.Require(dataset), cancellationToken);
        RunRecord run = await runs.CreateAsync(listing, cancellationToken);
        if (run.State is RunState.Failed or RunState.Cancelled or RunState.Superseded)
            run = await runs.RestartAsync(run.RunId, cancellationToken);
        else if (run is { HasEnded: true, ModelVersion: { } version }
            && (!await models.StandsAsync(run.Dataset, version, cancellationToken) || run.Labels != DatasetCatalog.StateOf(await datasets.ListLabelsAsync(run.Dataset, cancellationToken))))
            run = await runs.RepeatAsync(run.RunId, cancellationToken); // its model was deleted since, or codes are to carry other ids and labels
        bool accepted = !run.HasEnded;
        if (accepted)
        {
            await markers.MarkAsync(listing.Dataset, cancellationToken);
            await launcher.WakeAsync(listing.Dataset, cancellationToken);
        }
        return new RunStart(await ViewAsync(run, cancellationToken), accepted);
    }

    /// <summary>Looks a run up.</summary>
    /// <exception cref="DatasetException">There is no such run.</exception>
    public async Task<RunView> GetAsync(string runId, CancellationToken cancellationToken = default) =>
        await ViewAsync(await RequireAsync(runId, cancellationToken), cancellationToken);

    /// <summary>Runs, newest first.</summary>
    /// <param name="dataset">Only those of one dataset; null: all.</param>
    /// <param name="limit">Runs at most.</param>
    /// <param name="cancellationToken">Cancels between reads.</param>
    /// <exception cref="DatasetException">The dataset's name is not allowed.</exception>
    public async Task<IReadOnlyList<RunView>> ListAsync(string? dataset, int limit = DefaultLimit, CancellationToken cancellationToken = default)
    {
        if (dataset is not null)
            DatasetName.Require(dataset);
        var found = new List<RunRecord>();
        await foreach (RunRecord run in runs.ListAsync(dataset, cancellationToken))
            found.Add(run);
        var views = new List<RunView>();
        foreach (RunRecord run in found.OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Sequence).Take(limit))
            views.Add(await ViewAsync(run, cancellationToken));
        return views;
    }

    /// <summary>Asks a run to stop; its steps look for this between pieces of work.</summary>
    /// <exception cref="DatasetException">There is no such run, or it has ended.</exception>
    public async Task<RunView> CancelAsync(string runId, CancellationToken cancellationToken = default)
    {
        RunRecord run = await RequireAsync(runId, cancellationToken);
        if (run.HasEnded)
            throw new DatasetException(ProblemTypes.Conflict, $"Run \"{runId}\" has ended ({run.State.ToString().ToLowerInvariant()}); there is nothing to cancel.");
        await runs.RequestCancelAsync(runId, cancellationToken);
        // A run that waits for its watcher hears of it at once.
        await launcher.WakeAsync(run.Dataset, cancellationToken);
        return await ViewAsync(run, cancellationToken);
    }

    private async Task<RunRecord> RequireAsync(string runId, CancellationToken cancellationToken)
    {
        RunRecord? run = RunId().IsMatch(runId) ? await runs.FindAsync(runId, cancellationToken) : null;
        return run ?? throw new DatasetException(ProblemTypes.RunNotFound,
            $"There is no run \"{(runId.Length > 100 ? runId[..97] + "..." : runId)}\". GET /api/v1/runs lists those that are there.");
    }

    private async Task<RunView> ViewAsync(RunRecord run, CancellationToken cancellationToken) =>
        RunView.From(run, run.State == RunState.Queued ? null : await runs.ProgressAsync(run.RunId, cancellationToken));

    [GeneratedRegex(@"^[a-z0-9-]{1,63}-[0-9a-f]{16}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RunId();
}
