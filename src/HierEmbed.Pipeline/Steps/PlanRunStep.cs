using HierEmbed.Core.Errors;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>The run that a dataset's state calls for.</summary>
/// <param name="RunId">The run to take up, or null where there is nothing to do.</param>
/// <param name="Refused">Why the files make no run, where they do not.</param>
public sealed record PlannedRun(string? RunId, Problem? Refused = null);

/// <summary>Lists a dataset, once, and makes its run; ends earlier runs whose files are no longer there in that state.</summary>
public sealed class PlanRunStep(HierEmbedStorage storage, DatasetCatalog datasets, RunStore runs, Retention retention) : PipelineStep<DatasetInput, PlannedRun>(StepNames.PlanRun)
{
    /// <inheritdoc />
    public override async Task<PlannedRun> RunAsync(DatasetInput input, CancellationToken cancellationToken)
    {
        (DatasetListing? listing, Problem? refused) = await ListAsync(input.Dataset, cancellationToken);
        string? runId = listing?.RunId();
        long newestOther = 0;
        await foreach (RunRecord other in runs.ListAsync(input.Dataset, cancellationToken))
        {
            if (other.RunId == runId)
                continue;
            newestOther = Math.Max(newestOther, other.Sequence);
            if (!other.HasEnded)
                await runs.UpdateAsync(other.RunId, found => found.HasEnded ? null : found with { State = RunState.Superseded, LastFault = null }, cancellationToken);
        }
        if (listing is null)
            return new(null, refused);
        if (await FindDamageAsync(listing, cancellationToken) is { } damage)
            return new(null, damage);
        RunRecord run = await runs.CreateAsync(listing, cancellationToken);
        if (MustRepeat(run, newestOther))
            run = await runs.RepeatAsync(run.RunId, cancellationToken);
        if (!run.HasEnded)
            return new(run.RunId);
        // A process that was killed right after the outcome has not cleared up behind the run.
        await retention.ApplyAsync(input.Dataset, cancellationToken);
        return new(null);
    }

    /// <summary>Why the record of the run cannot be read, where it cannot: no retry cures that, and a watcher that failed would be started again for ever.</summary>
    private async Task<Problem?> FindDamageAsync(DatasetListing listing, CancellationToken cancellationToken)
    {
        try
        {
            await runs.FindAsync(listing.RunId(), cancellationToken);
            return null;
        }
        catch (ModelException e) when (e.Type == ProblemTypes.CorruptArtifact)
        {
            Problem problem = e.ToProblem();
            await storage.Results.WriteJsonAsync(Layout.Failure(listing.Dataset, listing.RunId()), problem, WriteCondition.Always, cancellationToken);
            return problem;
        }
    }

    /// <summary>Whether the files are back in the state of a run that has ended, so that there is work again.</summary>
    private static bool MustRepeat(RunRecord run, long newestOther) => run.State switch
    {
        // What it published may have been replaced since. A failure or a cancelled run stays one until a user asks.
        RunState.Published or RunState.Unchanged => newestOther > run.Sequence,
        // With a version it came to its end and was overtaken there: by a later run, or by a rollback, which stands.
        RunState.Superseded => run.ModelVersion is null || newestOther > run.Sequence,
        _ => false,
    };

    /// <summary>The dataset's files, or null where there are none that could be trained; then the failure stands under the dataset's name.</summary>
    private async Task<(DatasetListing? Listing, Problem? Refused)> ListAsync(string dataset, CancellationToken cancellationToken)
    {
        string failure = Layout.Failure(dataset, "listing");
        try
        {
            DatasetListing listing = await datasets.ListAsync(dataset, cancellationToken);
            await storage.Results.DeleteAsync(failure, null, cancellationToken);
            return (listing, null);
        }
        catch (HierEmbedException e) when (e is DatasetException or RecipeException)
        {
            if (e.Type == ProblemTypes.DatasetNotFound)
            {
                await storage.Results.DeleteAsync(failure, null, cancellationToken);
                return (null, null);
            }
            Problem problem = e.ToProblem();
            await storage.Results.WriteJsonAsync(failure, problem, WriteCondition.Always, cancellationToken);
            return (null, problem);
        }
    }
}
