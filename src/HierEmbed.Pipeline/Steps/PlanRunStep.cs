using HierEmbed.Core.Errors;
using HierEmbed.Storage;
using HierEmbed.Storage.Datasets;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Steps;

/// <summary>The run that a dataset's state calls for.</summary>
/// <param name="RunId">The run to take up, or null where there is nothing to do.</param>
public sealed record PlannedRun(string? RunId);

/// <summary>Lists a dataset, once, and makes its run; ends earlier runs whose files are no longer there in that state.</summary>
public sealed class PlanRunStep(HierEmbedStorage storage, DatasetCatalog datasets, RunStore runs) : PipelineStep<DatasetInput, PlannedRun>(StepNames.PlanRun)
{
    /// <inheritdoc />
    public override async Task<PlannedRun> RunAsync(DatasetInput input, CancellationToken cancellationToken)
    {
        DatasetListing listing;
        try
        {
            listing = await datasets.ListAsync(input.Dataset, cancellationToken);
        }
        catch (DatasetException e)
        {
            // No listing, so no run to show it in: the failure stands under the dataset's name.
            if (e.Type != ProblemTypes.DatasetNotFound)
                await storage.Results.WriteJsonAsync(Layout.Failure(input.Dataset, "listing"), e.ToProblem(), WriteCondition.Always, cancellationToken);
            return new(null);
        }
        string runId = listing.RunId();
        await foreach (RunRecord other in runs.ListAsync(input.Dataset, cancellationToken))
        {
            if (other.RunId != runId && !other.HasEnded)
                await runs.UpdateAsync(other.RunId, found => found.HasEnded ? null : found with { State = RunState.Superseded }, cancellationToken);
        }
        RunRecord run = await runs.CreateAsync(listing, cancellationToken);
        // Superseded says only that the files had changed; they are back in this state, so there is work again.
        if (run.State == RunState.Superseded)
            run = await runs.RestartAsync(runId, cancellationToken);
        return new(run.HasEnded ? null : runId);
    }
}
