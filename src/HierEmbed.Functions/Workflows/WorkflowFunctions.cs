using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Workflows;
using HierEmbed.Storage.Runs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace HierEmbed.Functions.Workflows;

/// <summary>The two workflows as orchestrators.</summary>
public static class WorkflowFunctions
{
    /// <summary>Watches one dataset: instance <c>watch-&lt;dataset&gt;</c>.</summary>
    [Function(WatchDatasetWorkflow.Name)]
    public static Task WatchDatasetAsync([OrchestrationTrigger] TaskOrchestrationContext context, DatasetInput input) =>
        WatchDatasetWorkflow.RunAsync(new DurableWorkflowContext(context), input);

    /// <summary>Trains one dataset state: the instance is named as the run.</summary>
    [Function(TrainModelWorkflow.Name)]
    public static Task<RunRecord> TrainModelAsync([OrchestrationTrigger] TaskOrchestrationContext context, RunInput input) =>
        TrainModelWorkflow.RunAsync(new DurableWorkflowContext(context), input);
}
