using HierEmbed.Pipeline.Steps;
using HierEmbed.Storage.Runs;

namespace HierEmbed.Pipeline.Workflows;

/// <summary>Decides that a dataset is to be trained: waits until its marker is still, trains what is there, clears the marker if it has not moved.</summary>
/// <remarks>A singleton a dataset, named <c>watch-&lt;dataset&gt;</c>. Whatever it misses leaves a marker behind, and a sweep starts it again.</remarks>
public static class WatchDatasetWorkflow
{
    /// <summary>Name that engines know it by.</summary>
    public const string Name = "WatchDataset";

    /// <summary>Rounds after which it ends and leaves the marker to the next sweep, so that its history stays bounded.</summary>
    private const int MaxRounds = 50;

    /// <summary>Id of the one watcher that a dataset has.</summary>
    public static string InstanceId(string dataset) => $"watch-{dataset}";

    /// <summary>Watches one dataset until its marker is clear.</summary>
    public static async Task RunAsync(IWorkflowContext context, DatasetInput input)
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            string? marker = await StillMarkerAsync(context, input);
            if (marker is null)
                return;
            PlannedRun planned = await context.CallStepAsync<PlannedRun>(StepNames.PlanRun, input);
            if (planned.Refused is { } refused)
                Log.DatasetRefused(context.Logger, input.Dataset, refused.Detail);
            if (planned.RunId is not null)
            {
                context.SetStatus(new { input.Dataset, planned.RunId });
                RunRecord ended = await context.CallWorkflowAsync<RunRecord>(TrainModelWorkflow.Name, planned.RunId, new RunInput(planned.RunId));
                // Its files are not what was listed, and a deletion moves no marker: look at what is there now.
                if (ended.State == RunState.Superseded)
                    continue;
            }
            if (await context.CallStepAsync<bool>(StepNames.ClearMarker, new ClearMarkerInput(input.Dataset, marker)))
                return;
        }
    }

    /// <summary>Waits until two looks a quiet period apart see the same marker; null where there is none.</summary>
    private static async Task<string?> StillMarkerAsync(IWorkflowContext context, DatasetInput input)
    {
        MarkerLook look = await context.CallStepAsync<MarkerLook>(StepNames.LookAtMarker, input);
        for (int looks = 0; look.ETag is not null && looks < MaxRounds; looks++)
        {
            string before = look.ETag;
            context.SetStatus(new { input.Dataset, Waiting = look.QuietPeriod });
            await context.WaitUntilAsync(context.CurrentUtcDateTime + look.QuietPeriod);
            look = await context.CallStepAsync<MarkerLook>(StepNames.LookAtMarker, input);
            if (look.ETag == before)
                return before;
        }
        return null;
    }
}
