using System.Text.Json;
using HierEmbed.Core;
using HierEmbed.Pipeline.Steps;
using HierEmbed.Pipeline.Workflows;
using Microsoft.Extensions.Logging;

namespace HierEmbed.Pipeline.InProcess;

/// <summary>Runs a workflow in this process. It remembers nothing: after a crash the workflow starts anew, and its idempotent steps find what they did.</summary>
/// <param name="instanceId">Id of this instance.</param>
/// <param name="pipeline">The steps.</param>
/// <param name="retry">How often a step that throws is called again.</param>
/// <param name="clock">The clock.</param>
/// <param name="logger">The logger.</param>
/// <param name="cancellationToken">Cancelled when the process stops.</param>
internal sealed class InProcessContext(string instanceId, HierEmbedPipeline pipeline, StepRetry retry, TimeProvider clock, ILogger logger, CancellationToken cancellationToken) : IWorkflowContext
{
    public string InstanceId => instanceId;

    public DateTime CurrentUtcDateTime => clock.GetUtcNow().UtcDateTime;

    public ILogger Logger => logger;

    public async Task<TResult> CallStepAsync<TResult>(string step, object input)
    {
        // Through JSON, as a durable engine hands it over: what would be lost there is lost here.
        JsonElement json = JsonSerializer.SerializeToElement(input, input.GetType(), Json.Compact);
        IPipelineStep called = pipeline.Step(step);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                JsonElement output = await called.RunJsonAsync(json, cancellationToken);
                return output.Deserialize<TResult>(Json.Compact)!;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && attempt < retry.Attempts)
            {
                Log.StepRetried(logger, step, InstanceId, attempt, retry.Attempts, e);
                await Task.Delay(retry.FirstDelay * (1 << (attempt - 1)), clock, cancellationToken);
            }
        }
    }

    public Task WaitUntilAsync(DateTime utc)
    {
        TimeSpan left = utc - CurrentUtcDateTime;
        return left <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(left, clock, cancellationToken);
    }

    public async Task<TResult> CallWorkflowAsync<TResult>(string workflow, string childInstanceId, object input)
    {
        var child = new InProcessContext(childInstanceId, pipeline, retry, clock, logger, cancellationToken);
        object result = workflow switch
        {
            TrainModelWorkflow.Name => await TrainModelWorkflow.RunAsync(child, (RunInput)input),
            _ => throw new ArgumentException($"There is no workflow \"{workflow}\".", nameof(workflow)),
        };
        return (TResult)result;
    }

    public void SetStatus(object status)
    {
        if (!logger.IsEnabled(LogLevel.Debug))
            return;
        string json = JsonSerializer.Serialize(status, status.GetType(), Json.Compact);
        Log.Status(logger, InstanceId, json);
    }
}
